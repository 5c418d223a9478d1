-- A workspace (any database): rows of many people that must name who made them, composite keys, a tree of comments,
-- people who follow people, a company that has an owner.
CREATE TABLE orgs (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, owner_id INTEGER);
CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER REFERENCES orgs(id), email VARCHAR(100) NOT NULL UNIQUE, delivery_email VARCHAR(100) NOT NULL, full_name VARCHAR(50) NOT NULL, manager_id INTEGER REFERENCES users(id), is_staff BOOLEAN, tos_version VARCHAR(10));
CREATE TABLE projects (id INTEGER PRIMARY KEY, name VARCHAR(50), created_by INTEGER NOT NULL REFERENCES users(id));
CREATE TABLE tasks (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), assignee_id INTEGER REFERENCES users(id), title VARCHAR(100));
CREATE TABLE comments (id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES tasks(id), author_id INTEGER NOT NULL REFERENCES users(id), parent_id INTEGER REFERENCES comments(id), body VARCHAR(500));
CREATE TABLE memberships (user_id INTEGER NOT NULL REFERENCES users(id), project_id INTEGER NOT NULL REFERENCES projects(id), invited_by INTEGER REFERENCES users(id), PRIMARY KEY (user_id, project_id));
CREATE TABLE member_notes (user_id INTEGER NOT NULL, project_id INTEGER NOT NULL, n INTEGER NOT NULL, note VARCHAR(200), PRIMARY KEY (user_id, project_id, n), FOREIGN KEY (user_id, project_id) REFERENCES memberships(user_id, project_id));
CREATE TABLE invoices (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), billed_to VARCHAR(100), amount INTEGER);
CREATE TABLE follows (follower_id INTEGER NOT NULL REFERENCES users(id), followed_id INTEGER NOT NULL REFERENCES users(id), PRIMARY KEY (follower_id, followed_id));
INSERT INTO orgs VALUES (1,'Acme',1);
INSERT INTO users VALUES (1,1,'ada.may@x.example','ada.may@x.example','Ada May',NULL,NULL,'1'),(2,1,'bob@x.example','bob@x.example','Bob Ray',1,NULL,'1'),(3,1,'cy@x.example','cy@x.example','Cy Dow',2,NULL,'1');
INSERT INTO projects VALUES (1,'Alpha',1),(2,'Beta',2);
INSERT INTO tasks VALUES (1,1,1,'t1'),(2,1,2,'t2'),(3,2,1,'t3');
INSERT INTO comments VALUES (1,1,1,NULL,'a'),(2,1,2,1,'b'),(3,3,1,NULL,'c');
INSERT INTO memberships VALUES (1,1,NULL),(2,1,1),(3,2,2);
INSERT INTO member_notes VALUES (1,1,1,'hello there'),(2,1,1,'x');
INSERT INTO invoices VALUES (1,1,'Ada May',5),(2,2,'Bob Ray',6);
INSERT INTO follows VALUES (1,2),(2,1),(2,3);
