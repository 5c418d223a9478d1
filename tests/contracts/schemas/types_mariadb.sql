-- Every type that the server has, in a table of customers: all of it has to be read, guessed about and erased.
CREATE TABLE customer (customer_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(50) DEFAULT NULL, y YEAR, s SET('a','b'), e ENUM('x','y'), loc GEOMETRY, pic BLOB, bt BIT(3), t TIME, j JSON, dt DATETIME, active BOOLEAN, notes MEDIUMTEXT, u BINARY(16), addr_id SMALLINT UNSIGNED);
CREATE TABLE address (address_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, address VARCHAR(50), location GEOMETRY NOT NULL, phone VARCHAR(20), SPATIAL KEY idx_location (location));
ALTER TABLE customer ADD CONSTRAINT fk_a FOREIGN KEY (addr_id) REFERENCES address(address_id);
CREATE TABLE film_text (film_id SMALLINT PRIMARY KEY, title VARCHAR(255), description TEXT, FULLTEXT KEY idx (title, description)) ENGINE=InnoDB;
CREATE VIEW v AS SELECT email FROM customer;
INSERT INTO address VALUES (1,'1 Mill Road', ST_GeomFromText('POINT(1 2)'), '555-1'),(2,'2 Mill Road', ST_GeomFromText('POINT(1 2)'), '555-2');
INSERT INTO customer VALUES (1,'Eve.One@x.example',2001,'a','x',ST_GeomFromText('POINT(1 2)'),x'01ff',b'101','10:00:00','{"email":"Eve.One@x.example"}','2020-01-01 00:00:00',1,'note',x'00112233445566778899aabbccddeeff',1),(2,'two@x.example',2001,'a','x',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL,NULL,2);
