"""Who describes changes and who segments them: one module per backend, behind two protocols."""
