"""``make soak``: test campaigns at full length, into docs/soak.md.

A campaign is a command that ends with 0 where all is well. Some are sets of tests that run
a seeded subset in ``make test`` and their whole length under ``KEDGE_LONG=1``; the longest
keep a folder in which they note how far they came, and go on from there. One that has
passed at the commit that is checked out is not run again. ``--fresh`` forgets everything,
``--only WORD`` runs those with the word in their name.
"""
