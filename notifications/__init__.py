"""Words in and out: facts become texts, texts become intentions. Calls dispatch, never the reverse."""
