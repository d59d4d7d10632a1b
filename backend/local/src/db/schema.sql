-- Everything that outlives the process. Times are milliseconds since the Unix epoch.

CREATE TABLE IF NOT EXISTS counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- S3. Keys compare as bytes, which is S3's order.
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY,
    created INTEGER NOT NULL
) WITHOUT ROWID;

-- Files in objects/; copies share them. A file that is not listed here is left over from a crash.
CREATE TABLE IF NOT EXISTS blobs (
    id TEXT PRIMARY KEY,
    refs INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified INTEGER NOT NULL,
    segments TEXT NOT NULL, -- JSON: [[blob, size], …]
    attributes TEXT NOT NULL, -- JSON
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    attributes TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    modified INTEGER NOT NULL,
    checksums TEXT NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;

-- Events on their way to the functions.
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    sent INTEGER NOT NULL,
    visible INTEGER NOT NULL, -- when it may be received (again)
    first_received INTEGER,
    receives INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    failure TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, dead, visible, sent);

-- ECS.
CREATE TABLE IF NOT EXISTS tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    started_by TEXT,
    desired TEXT NOT NULL,
    last TEXT NOT NULL,
    stopped INTEGER,
    task TEXT NOT NULL -- JSON, as DescribeTasks shows it
);
CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (desired, seq);
CREATE INDEX IF NOT EXISTS tasks_by_starter ON tasks (started_by, desired, seq);

CREATE TABLE IF NOT EXISTS client_tokens (
    token TEXT PRIMARY KEY,
    request TEXT NOT NULL, -- a hash of what was asked for
    tasks TEXT NOT NULL, -- JSON: task ids
    created INTEGER NOT NULL
) WITHOUT ROWID;

-- CloudWatch Logs.
CREATE TABLE IF NOT EXISTS log_groups (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY,
    log_group INTEGER NOT NULL REFERENCES log_groups (id),
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    first INTEGER,
    last INTEGER,
    ingested INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (log_group, name)
);

CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    log_group INTEGER NOT NULL,
    stream INTEGER NOT NULL REFERENCES log_streams (id) ON DELETE CASCADE,
    time INTEGER NOT NULL,
    ingested INTEGER NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (stream, id);
CREATE INDEX IF NOT EXISTS log_events_by_time ON log_events (log_group, time, id);
