"""One module for each verb: arguments → one call of the desk → rendering; `command` is the verb."""
