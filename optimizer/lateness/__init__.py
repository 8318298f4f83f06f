"""How likely a plan keeps its promises, when work and drives take longer or shorter than planned."""
