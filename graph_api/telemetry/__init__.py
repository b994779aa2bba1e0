"""How a process is seen from outside: metrics, logs and traces; it knows nothing of what it watches."""
