-- A chat server (any database): text ids without foreign keys, tables without a key, addresses inside keys, JSON in
-- text columns, messages that answer messages, columns run together in small letters.
CREATE TABLE users (id VARCHAR(26) NOT NULL PRIMARY KEY, createat BIGINT, username VARCHAR(64) NOT NULL UNIQUE,
  password VARCHAR(128), email VARCHAR(128) NOT NULL UNIQUE, emailverified INTEGER, nickname VARCHAR(64), firstname VARCHAR(64),
  lastname VARCHAR(64), roles VARCHAR(256), props TEXT, locale VARCHAR(5));
CREATE TABLE teams (id VARCHAR(26) NOT NULL PRIMARY KEY, displayname VARCHAR(64), name VARCHAR(64) UNIQUE, email VARCHAR(128), inviteid VARCHAR(32));
CREATE TABLE teammembers (teamid VARCHAR(26) NOT NULL, userid VARCHAR(26) NOT NULL, roles VARCHAR(64), PRIMARY KEY (teamid, userid));
CREATE TABLE channels (id VARCHAR(26) NOT NULL PRIMARY KEY, teamid VARCHAR(26), displayname VARCHAR(64), name VARCHAR(64), creatorid VARCHAR(26));
CREATE TABLE channelmembers (channelid VARCHAR(26) NOT NULL, userid VARCHAR(26) NOT NULL, notifyprops TEXT, PRIMARY KEY (channelid, userid));
CREATE TABLE posts (id VARCHAR(26) NOT NULL PRIMARY KEY, createat BIGINT, userid VARCHAR(26), channelid VARCHAR(26),
  rootid VARCHAR(26), message TEXT, props TEXT, fileids TEXT);
CREATE TABLE reactions (userid VARCHAR(26) NOT NULL, postid VARCHAR(26) NOT NULL, emojiname VARCHAR(64) NOT NULL, PRIMARY KEY (postid, userid, emojiname));
CREATE TABLE fileinfo (id VARCHAR(26) NOT NULL PRIMARY KEY, creatorid VARCHAR(26), postid VARCHAR(26), path VARCHAR(512), name VARCHAR(256));
CREATE TABLE preferences (userid VARCHAR(26) NOT NULL, category VARCHAR(32) NOT NULL, name VARCHAR(32) NOT NULL, value TEXT, PRIMARY KEY (userid, category, name));
CREATE TABLE sessions (id VARCHAR(26) NOT NULL PRIMARY KEY, token VARCHAR(26), userid VARCHAR(26), deviceid VARCHAR(512), props TEXT);
CREATE TABLE audits (id VARCHAR(26) NOT NULL PRIMARY KEY, userid VARCHAR(26), action VARCHAR(512), extrainfo VARCHAR(1024), ipaddress VARCHAR(64));
CREATE TABLE user_threepids (user_id VARCHAR(26) NOT NULL, medium VARCHAR(16) NOT NULL, address VARCHAR(128) NOT NULL, PRIMARY KEY (medium, address));
CREATE TABLE user_ips (user_id VARCHAR(26) NOT NULL, ip VARCHAR(64) NOT NULL, user_agent VARCHAR(255), last_seen BIGINT);
CREATE TABLE invitations (email VARCHAR(128) NOT NULL, teamid VARCHAR(26) NOT NULL, PRIMARY KEY (email, teamid));
CREATE TABLE tokens (token VARCHAR(64) NOT NULL, type VARCHAR(64), extra VARCHAR(2048));
CREATE TABLE systems (name VARCHAR(64) NOT NULL PRIMARY KEY, value VARCHAR(1024));
CREATE INDEX posts_user ON posts (userid);
INSERT INTO users VALUES ('u1aaaaaaaaaaaaaaaaaaaaaaaa', 1, 'iris', 'x', 'Iris.Novak@chat.example', 1, 'iri', 'Iris', 'Novak', 'system_user', '{"theme": "dark"}', 'en'),
  ('u2bbbbbbbbbbbbbbbbbbbbbbbb', 2, 'omar', 'x', 'omar@chat.example', 1, '', 'Omar', 'Haddad', 'system_user', '{}', 'fr'),
  ('u3cccccccccccccccccccccccc', 3, 'lotte', 'x', 'lotte@chat.example', 1, '', 'Lotte', 'Brandt', 'system_admin', '{}', 'de');
INSERT INTO teams VALUES ('t1aaaaaaaaaaaaaaaaaaaaaaaa', 'Garden', 'garden', 'team@company.example', 'inv1');
INSERT INTO teammembers VALUES ('t1aaaaaaaaaaaaaaaaaaaaaaaa', 'u1aaaaaaaaaaaaaaaaaaaaaaaa', ''), ('t1aaaaaaaaaaaaaaaaaaaaaaaa', 'u2bbbbbbbbbbbbbbbbbbbbbbbb', ''), ('t1aaaaaaaaaaaaaaaaaaaaaaaa', 'u3cccccccccccccccccccccccc', 'admin');
INSERT INTO channels VALUES ('c1aaaaaaaaaaaaaaaaaaaaaaaa', 't1aaaaaaaaaaaaaaaaaaaaaaaa', 'Town square', 'town-square', 'u1aaaaaaaaaaaaaaaaaaaaaaaa'), ('c2bbbbbbbbbbbbbbbbbbbbbbbb', 't1aaaaaaaaaaaaaaaaaaaaaaaa', 'Plants', 'plants', 'u3cccccccccccccccccccccccc');
INSERT INTO channelmembers VALUES ('c1aaaaaaaaaaaaaaaaaaaaaaaa', 'u1aaaaaaaaaaaaaaaaaaaaaaaa', '{}'), ('c1aaaaaaaaaaaaaaaaaaaaaaaa', 'u2bbbbbbbbbbbbbbbbbbbbbbbb', '{}'), ('c2bbbbbbbbbbbbbbbbbbbbbbbb', 'u3cccccccccccccccccccccccc', '{}'), ('c2bbbbbbbbbbbbbbbbbbbbbbbb', 'u2bbbbbbbbbbbbbbbbbbbbbbbb', '{}');
INSERT INTO posts VALUES ('p1aaaaaaaaaaaaaaaaaaaaaaaa', 10, 'u1aaaaaaaaaaaaaaaaaaaaaaaa', 'c1aaaaaaaaaaaaaaaaaaaaaaaa', '', 'Hello everybody, who has seen my watering can since last week?', '{"from": {"email": "iris.novak@chat.example"}}', '["f1aaaaaaaaaaaaaaaaaaaaaaaa"]'),
  ('p2bbbbbbbbbbbbbbbbbbbbbbbb', 11, 'u2bbbbbbbbbbbbbbbbbbbbbbbb', 'c1aaaaaaaaaaaaaaaaaaaaaaaa', 'p1aaaaaaaaaaaaaaaaaaaaaaaa', 'It stands behind the shed next to the old bench, as it always does', '{"from": {"email": "omar@chat.example"}}', '[]'),
  ('p3cccccccccccccccccccccccc', 12, 'u1aaaaaaaaaaaaaaaaaaaaaaaa', 'c1aaaaaaaaaaaaaaaaaaaaaaaa', 'p1aaaaaaaaaaaaaaaaaaaaaaaa', 'Thanks a lot, I had nearly bought another one this morning', '{}', '[]'),
  ('p4dddddddddddddddddddddddd', 13, 'u3cccccccccccccccccccccccc', 'c2bbbbbbbbbbbbbbbbbbbbbbbb', '', 'The ferns have to be watered twice this week because of the heat', '{}', '[]');
INSERT INTO reactions VALUES ('u2bbbbbbbbbbbbbbbbbbbbbbbb', 'p1aaaaaaaaaaaaaaaaaaaaaaaa', 'smile'), ('u1aaaaaaaaaaaaaaaaaaaaaaaa', 'p4dddddddddddddddddddddddd', 'fern'), ('u2bbbbbbbbbbbbbbbbbbbbbbbb', 'p4dddddddddddddddddddddddd', 'plus');
INSERT INTO fileinfo VALUES ('f1aaaaaaaaaaaaaaaaaaaaaaaa', 'u1aaaaaaaaaaaaaaaaaaaaaaaa', 'p1aaaaaaaaaaaaaaaaaaaaaaaa', '2026/can.jpg', 'can.jpg');
INSERT INTO preferences VALUES ('u1aaaaaaaaaaaaaaaaaaaaaaaa', 'display', 'clock', '24'), ('u2bbbbbbbbbbbbbbbbbbbbbbbb', 'display', 'clock', '12');
INSERT INTO sessions VALUES ('s1aaaaaaaaaaaaaaaaaaaaaaaa', 'k1', 'u1aaaaaaaaaaaaaaaaaaaaaaaa', 'ios:1', '{"browser": "x"}'), ('s2bbbbbbbbbbbbbbbbbbbbbbbb', 'k2', 'u2bbbbbbbbbbbbbbbbbbbbbbbb', 'ios:2', '{}');
INSERT INTO audits VALUES ('a1aaaaaaaaaaaaaaaaaaaaaaaa', 'u1aaaaaaaaaaaaaaaaaaaaaaaa', '/login', 'attempt', '203.0.113.5'), ('a2bbbbbbbbbbbbbbbbbbbbbbbb', 'u2bbbbbbbbbbbbbbbbbbbbbbbb', '/login', 'attempt', '203.0.113.6');
INSERT INTO user_threepids VALUES ('u1aaaaaaaaaaaaaaaaaaaaaaaa', 'email', 'iris.novak@chat.example'), ('u2bbbbbbbbbbbbbbbbbbbbbbbb', 'email', 'omar@chat.example'), ('u1aaaaaaaaaaaaaaaaaaaaaaaa', 'msisdn', '4915550101');
INSERT INTO user_ips VALUES ('u1aaaaaaaaaaaaaaaaaaaaaaaa', '203.0.113.5', 'app/1', 5), ('u1aaaaaaaaaaaaaaaaaaaaaaaa', '203.0.113.7', 'app/1', 6), ('u3cccccccccccccccccccccccc', '203.0.113.9', 'app/2', 7);
INSERT INTO invitations VALUES ('iris.novak@chat.example', 't1aaaaaaaaaaaaaaaaaaaaaaaa'), ('new@elsewhere.example', 't1aaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO tokens VALUES ('tok1', 'password_recovery', '{"user_id": "u1aaaaaaaaaaaaaaaaaaaaaaaa", "email": "Iris.Novak@chat.example"}'), ('tok2', 'password_recovery', '{"user_id": "u2bbbbbbbbbbbbbbbbbbbbbbbb", "email": "omar@chat.example"}');
INSERT INTO systems VALUES ('version', '9'), ('license', 'none');
