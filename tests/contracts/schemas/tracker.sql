-- A request tracker (any database): hardly a foreign key, rows of every kind named by type and id, users who are
-- principals too, ids written into texts, 0 for nobody.
CREATE TABLE Principals (id INTEGER NOT NULL PRIMARY KEY, PrincipalType VARCHAR(16) NOT NULL, Disabled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE Users (id INTEGER NOT NULL PRIMARY KEY, Name VARCHAR(200) NOT NULL, Password VARCHAR(256), Comments TEXT,
  EmailAddress VARCHAR(120), RealName VARCHAR(120), HomePhone VARCHAR(30), Address1 VARCHAR(200), City VARCHAR(100),
  Creator INTEGER NOT NULL DEFAULT 0, LastUpdatedBy INTEGER NOT NULL DEFAULT 0, CONSTRAINT Users1 UNIQUE (Name));
CREATE TABLE Queues (id INTEGER NOT NULL PRIMARY KEY, Name VARCHAR(200) NOT NULL, CorrespondAddress VARCHAR(120),
  Creator INTEGER NOT NULL DEFAULT 0);
CREATE TABLE RoleGroups (id INTEGER NOT NULL PRIMARY KEY, Name VARCHAR(200), Domain VARCHAR(64), Instance INTEGER);
CREATE TABLE GroupMembers (id INTEGER NOT NULL PRIMARY KEY, GroupId INTEGER NOT NULL DEFAULT 0, MemberId INTEGER NOT NULL DEFAULT 0);
CREATE TABLE Tickets (id INTEGER NOT NULL PRIMARY KEY, Queue INTEGER NOT NULL DEFAULT 0, Subject VARCHAR(200),
  Owner INTEGER NOT NULL DEFAULT 0, Status VARCHAR(16), Creator INTEGER NOT NULL DEFAULT 0, LastUpdatedBy INTEGER NOT NULL DEFAULT 0);
CREATE TABLE Transactions (id INTEGER NOT NULL PRIMARY KEY, ObjectType VARCHAR(64) NOT NULL, ObjectId INTEGER NOT NULL DEFAULT 0,
  Type VARCHAR(20), Field VARCHAR(40), OldValue VARCHAR(255), NewValue VARCHAR(255), Creator INTEGER NOT NULL DEFAULT 0);
CREATE TABLE Attachments (id INTEGER NOT NULL PRIMARY KEY, TransactionId INTEGER NOT NULL, Subject VARCHAR(255), Headers TEXT,
  Content TEXT, Creator INTEGER NOT NULL DEFAULT 0);
CREATE TABLE Attributes (id INTEGER NOT NULL PRIMARY KEY, Name VARCHAR(255), Content TEXT, ObjectType VARCHAR(64), ObjectId INTEGER);
CREATE TABLE ObjectCustomFieldValues (id INTEGER NOT NULL PRIMARY KEY, CustomField INTEGER NOT NULL, ObjectType VARCHAR(255) NOT NULL,
  ObjectId INTEGER NOT NULL, Content VARCHAR(255));
CREATE TABLE sessions (id CHAR(32) NOT NULL PRIMARY KEY, a_session TEXT, LastUpdated VARCHAR(30));
CREATE INDEX Tickets6 ON Tickets (Creator);
CREATE INDEX Attachments2 ON Attachments (TransactionId);
CREATE INDEX Transactions1 ON Transactions (ObjectType, ObjectId);
INSERT INTO Principals VALUES (1, 'User', 0), (6, 'User', 0), (12, 'User', 0), (14, 'User', 0), (15, 'User', 0), (30, 'Group', 0), (31, 'Group', 0), (32, 'Group', 0);
INSERT INTO Users VALUES (1, 'RT_System', '*', NULL, NULL, 'The System', NULL, NULL, NULL, 1, 1),
  (6, 'Nobody', '*', NULL, NULL, 'Nobody in particular', NULL, NULL, NULL, 1, 1),
  (12, 'agent.kim', '!bcrypt!1', 'our first agent', 'kim@helpdesk.example', 'Kim Aster', NULL, NULL, NULL, 1, 1),
  (14, 'olga.reyes@customer.example', '*', 'wrote in twice about the printer', 'olga.reyes@customer.example', 'Olga Reyes', '+34 91 555 0114', '7 Calle Mayor', 'Madrid', 12, 12),
  (15, 'ben.adler@customer.example', '*', NULL, 'ben.adler@customer.example', 'Ben Adler', '+49 30 555 0115', '3 Ring Road', 'Berlin', 12, 15);
INSERT INTO Queues VALUES (1, 'General', 'help@helpdesk.example', 1), (2, 'Printers', 'print@helpdesk.example', 12);
INSERT INTO RoleGroups VALUES (30, 'Requestor', 'RT::Ticket-Role', 1), (31, 'Requestor', 'RT::Ticket-Role', 2), (32, 'Requestor', 'RT::Ticket-Role', 3);
INSERT INTO GroupMembers VALUES (1, 30, 14), (2, 31, 15), (3, 32, 14);
INSERT INTO Tickets VALUES (1, 2, 'The printer eats paper', 12, 'open', 14, 14), (2, 1, 'Password reset please', 12, 'resolved', 15, 12), (3, 2, 'Still eats paper, says Olga', 6, 'new', 14, 14);
INSERT INTO Transactions VALUES (1, 'RT::Ticket', 1, 'Create', NULL, NULL, NULL, 14), (2, 'RT::Ticket', 1, 'Correspond', NULL, NULL, NULL, 12),
  (3, 'RT::Ticket', 2, 'Create', NULL, NULL, NULL, 15), (4, 'RT::Ticket', 1, 'AddWatcher', 'Requestor', NULL, '14', 12),
  (5, 'RT::User', 14, 'Set', 'RealName', 'Olga', 'Olga Reyes', 12), (6, 'RT::Ticket', 3, 'Create', NULL, NULL, NULL, 14),
  (7, 'RT::User', 15, 'Set', 'City', NULL, 'Berlin', 12);
INSERT INTO Attachments VALUES (1, 1, 'The printer eats paper', 'From: olga.reyes@customer.example', 'Hello, it is Olga, the printer eats my paper every day, please help me', 14),
  (2, 2, 'Re: The printer eats paper', 'To: olga.reyes@customer.example', 'Dear Olga, we will send somebody to have a look at it on Monday', 12),
  (3, 3, 'Password reset please', 'From: ben.adler@customer.example', 'Hello, this is Ben, I cannot remember my password any more, sorry', 15),
  (4, 6, 'Still eats paper', 'From: olga.reyes@customer.example', 'It is Olga again, and still no paper comes out of this machine, help', 14);
INSERT INTO Attributes VALUES (1, 'Pref-Search', '{"order": "id"}', 'RT::User', 14), (2, 'Pref-Search', '{"order": "id"}', 'RT::User', 15), (3, 'LinkHint', '{"color": 3}', 'RT::Ticket', 2);
INSERT INTO ObjectCustomFieldValues VALUES (1, 4, 'RT::Ticket', 1, 'LaserJet 9'), (2, 5, 'RT::User', 14, 'gold'), (3, 4, 'RT::Ticket', 2, 'none');
INSERT INTO sessions VALUES ('aa000000000000000000000000000014', 'CurrentUser=olga.reyes@customer.example', '2026-01-01'), ('bb000000000000000000000000000015', 'CurrentUser=ben.adler@customer.example', '2026-01-02');
