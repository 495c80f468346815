"""The steps of CRAFT-Agent: call backends, and write results and work in one transaction."""
