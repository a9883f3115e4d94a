"""What verbs share of the command line: the lazy group, options, words with dashes, the writing verb."""
