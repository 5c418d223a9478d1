-- A federated chat server (any database): tables without primary keys, users named by a text, their addresses in a
-- table of their own, bodies of events as JSON in text columns, events that refer to events.
CREATE TABLE users (name VARCHAR(100) NOT NULL, password_hash VARCHAR(100), creation_ts BIGINT, admin INTEGER NOT NULL DEFAULT 0,
  is_guest INTEGER NOT NULL DEFAULT 0, UNIQUE (name));
CREATE TABLE user_threepids (user_id VARCHAR(100) NOT NULL, medium VARCHAR(20) NOT NULL, address VARCHAR(120) NOT NULL, added_at BIGINT,
  UNIQUE (medium, address));
CREATE TABLE profiles (user_id VARCHAR(100) NOT NULL, displayname VARCHAR(100), avatar_url VARCHAR(200), UNIQUE (user_id));
CREATE TABLE devices (user_id VARCHAR(100) NOT NULL, device_id VARCHAR(40) NOT NULL, display_name VARCHAR(100), last_seen BIGINT, ip VARCHAR(60),
  UNIQUE (user_id, device_id));
CREATE TABLE access_tokens (id BIGINT NOT NULL PRIMARY KEY, user_id VARCHAR(100) NOT NULL, token VARCHAR(80) NOT NULL UNIQUE);
CREATE TABLE rooms (room_id VARCHAR(60) NOT NULL PRIMARY KEY, is_public INTEGER, creator VARCHAR(100));
CREATE TABLE events (stream_ordering BIGINT NOT NULL, event_id VARCHAR(60) NOT NULL, type VARCHAR(60) NOT NULL, room_id VARCHAR(60) NOT NULL,
  sender VARCHAR(100), depth BIGINT, UNIQUE (event_id));
CREATE TABLE event_json (event_id VARCHAR(60) NOT NULL, room_id VARCHAR(60) NOT NULL, json TEXT NOT NULL, UNIQUE (event_id));
CREATE TABLE event_edges (event_id VARCHAR(60) NOT NULL, prev_event_id VARCHAR(60) NOT NULL);
CREATE TABLE room_memberships (event_id VARCHAR(60) NOT NULL, user_id VARCHAR(100) NOT NULL, sender VARCHAR(100) NOT NULL,
  room_id VARCHAR(60) NOT NULL, membership VARCHAR(20) NOT NULL, display_name VARCHAR(100), UNIQUE (event_id));
CREATE TABLE receipts (room_id VARCHAR(60) NOT NULL, user_id VARCHAR(100) NOT NULL, event_ids TEXT NOT NULL);
CREATE TABLE account_data (user_id VARCHAR(100) NOT NULL, account_data_type VARCHAR(60) NOT NULL, content TEXT NOT NULL);
CREATE TABLE user_ips (user_id VARCHAR(100) NOT NULL, access_token VARCHAR(80) NOT NULL, ip VARCHAR(60) NOT NULL, user_agent VARCHAR(120) NOT NULL);
CREATE TABLE server_keys (server_name VARCHAR(100), fingerprint VARCHAR(100), valid_until BIGINT);
INSERT INTO users VALUES ('@nora:fed.example', 'h1', 1, 0, 0), ('@kurt:fed.example', 'h2', 2, 0, 0), ('@root:fed.example', 'h3', 3, 1, 0);
INSERT INTO user_threepids VALUES ('@nora:fed.example', 'email', 'nora.lind@mail.example', 1), ('@nora:fed.example', 'email', 'nora.old@mail.example', 1),
  ('@kurt:fed.example', 'email', 'kurt@mail.example', 2), ('@nora:fed.example', 'msisdn', '4670555010', 3);
INSERT INTO profiles VALUES ('@nora:fed.example', 'Nora Lind', 'mxc://fed.example/abc'), ('@kurt:fed.example', 'Kurt', NULL);
INSERT INTO devices VALUES ('@nora:fed.example', 'DEVAAA', 'Noras phone', 5, '203.0.113.21'), ('@kurt:fed.example', 'DEVBBB', 'laptop', 6, '203.0.113.22');
INSERT INTO access_tokens VALUES (1, '@nora:fed.example', 'syt_nora_1'), (2, '@kurt:fed.example', 'syt_kurt_1');
INSERT INTO rooms VALUES ('!r1:fed.example', 1, '@nora:fed.example'), ('!r2:fed.example', 0, '@kurt:fed.example');
INSERT INTO events VALUES (1, '$e1', 'm.room.create', '!r1:fed.example', '@nora:fed.example', 1), (2, '$e2', 'm.room.message', '!r1:fed.example', '@nora:fed.example', 2),
  (3, '$e3', 'm.room.message', '!r1:fed.example', '@kurt:fed.example', 3), (4, '$e4', 'm.room.create', '!r2:fed.example', '@kurt:fed.example', 1),
  (5, '$e5', 'm.room.member', '!r1:fed.example', '@nora:fed.example', 4), (6, '$e6', 'm.room.member', '!r1:fed.example', '@kurt:fed.example', 5);
INSERT INTO event_json VALUES ('$e1', '!r1:fed.example', '{"sender": "@nora:fed.example", "content": {}}'),
  ('$e2', '!r1:fed.example', '{"sender": "@nora:fed.example", "content": {"body": "the boat leaves at seven, bring a warm coat"}}'),
  ('$e3', '!r1:fed.example', '{"sender": "@kurt:fed.example", "content": {"body": "good, I shall be there"}}'),
  ('$e4', '!r2:fed.example', '{"sender": "@kurt:fed.example", "content": {}}'), ('$e5', '!r1:fed.example', '{"sender": "@nora:fed.example", "content": {"displayname": "Nora Lind"}}'),
  ('$e6', '!r1:fed.example', '{"sender": "@kurt:fed.example", "content": {"displayname": "Kurt"}}');
INSERT INTO event_edges VALUES ('$e2', '$e1'), ('$e3', '$e2'), ('$e5', '$e3'), ('$e6', '$e5');
INSERT INTO room_memberships VALUES ('$e5', '@nora:fed.example', '@nora:fed.example', '!r1:fed.example', 'join', 'Nora Lind'), ('$e6', '@kurt:fed.example', '@kurt:fed.example', '!r1:fed.example', 'join', 'Kurt');
INSERT INTO receipts VALUES ('!r1:fed.example', '@nora:fed.example', '["$e3"]'), ('!r1:fed.example', '@kurt:fed.example', '["$e2"]');
INSERT INTO account_data VALUES ('@nora:fed.example', 'm.direct', '{"x": 1}'), ('@kurt:fed.example', 'm.direct', '{"x": 2}');
INSERT INTO user_ips VALUES ('@nora:fed.example', 'syt_nora_1', '203.0.113.21', 'app/1'), ('@kurt:fed.example', 'syt_kurt_1', '203.0.113.22', 'app/2');
INSERT INTO server_keys VALUES ('fed.example', 'ab:cd', 9);
