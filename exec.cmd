@rem Windows has no exec: there, npm runs package.json's "exec node ..." through this file.
@%*
