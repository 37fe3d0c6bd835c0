-- Who gets copies of whose messages: so that the monitored hear of the end when a crash was it.
CREATE TABLE monitoring(
  monitor INTEGER NOT NULL, monitored INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY(monitor, monitored)) WITHOUT ROWID;
CREATE INDEX monitoring_monitored ON monitoring(monitored);
