"""One module for each verb: arguments → one call of the desk → output; `command` is the verb."""
