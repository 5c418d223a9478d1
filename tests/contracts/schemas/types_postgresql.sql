-- Every type that the server has, in a table of customers: all of it has to be read, guessed about and erased.
CREATE DOMAIN year AS integer CHECK (VALUE > 1900);
CREATE DOMAIN email_addr AS varchar(100) CHECK (VALUE ~ '@');
CREATE TYPE mood AS ENUM ('sad','ok');
CREATE TYPE addr AS (street text, zip text);
CREATE TABLE customer (customer_id serial PRIMARY KEY, email email_addr, born year, m mood, tags text[], pic bytea, loc point, b box, r int4range, i interval, mo money, x xml, bt bit(3), ts tsvector, mac macaddr, net cidr, ip inet, u uuid, a addr, j json, jb jsonb, emails text[], d date[], n numeric, o oid, full_name text GENERATED ALWAYS AS ('x' || 'y') STORED);
CREATE TABLE notes (customer_id int REFERENCES customer, body text, contact email_addr);
CREATE INDEX ON notes(customer_id);
INSERT INTO customer (email, born, m, tags, pic, loc, b, r, i, mo, x, bt, ts, mac, net, ip, u, a, j, jb, emails, d) VALUES ('Eve.One@x.example', 1980, 'ok', '{a,b}', '\x01', '(1,2)', '((1,1),(0,0))', '[1,3)', '1 day', 5, '<a/>', B'101', 'a b', '08:00:2b:01:02:03', '10.0.0.0/8', '10.1.2.3', gen_random_uuid(), ROW('s','z'), '{"email":"Eve.One@x.example"}', '{"ip":"10.1.2.3"}', '{Eve.One@x.example}', '{2020-01-01}'), ('two@x.example', 1981,'ok', NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO notes VALUES (1,'hi','Eve.One@x.example'),(2,'ho','two@x.example');
