"""The compiled inner loops: a day as arrays, routes that know their past and their future, the search.

Everything here works on numpy arrays and numbers alone, and runs compiled where numba is installed,
and as it stands where it is not.
"""
