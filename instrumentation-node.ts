import './db/driver.ts';

// The supervisor owns the database this server works on: without it there is nothing to serve, and a killed one sends no signal.
if (process.send) process.on('disconnect', () => process.exit(1));
