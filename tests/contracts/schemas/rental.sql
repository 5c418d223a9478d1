-- A shop that rents films out (PostgreSQL): shared address rows, a circle between stores and staff, payments in
-- partitions of which one lacks its foreign keys, triggers, views, and a legacy index that does not serve the erasure.
CREATE TABLE country (country_id serial PRIMARY KEY, country text NOT NULL);
CREATE TABLE city (city_id serial PRIMARY KEY, city text NOT NULL, country_id int NOT NULL REFERENCES country);
CREATE TABLE address (address_id serial PRIMARY KEY, address text NOT NULL, address2 text, district text NOT NULL,
  city_id int NOT NULL REFERENCES city, postal_code text, phone text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE INDEX address_city ON address (city_id);
CREATE TABLE store (store_id serial PRIMARY KEY, manager_staff_id int NOT NULL, address_id int NOT NULL REFERENCES address);
CREATE TABLE staff (staff_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
  address_id int NOT NULL REFERENCES address, email text, store_id int NOT NULL REFERENCES store DEFERRABLE INITIALLY DEFERRED,
  username text NOT NULL, password text);
ALTER TABLE store ADD FOREIGN KEY (manager_staff_id) REFERENCES staff DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX store_address ON store (address_id);
CREATE INDEX staff_address ON staff (address_id);
CREATE TABLE customer (customer_id serial PRIMARY KEY, store_id int NOT NULL REFERENCES store, first_name text NOT NULL,
  last_name text NOT NULL, email text, address_id int NOT NULL REFERENCES address, activebool boolean NOT NULL DEFAULT true,
  create_date date NOT NULL DEFAULT '2024-02-14', last_update timestamptz DEFAULT now(), active int);
CREATE INDEX customer_address ON customer (address_id);
CREATE INDEX customer_store ON customer (store_id);
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL);
CREATE TYPE rating AS ENUM ('G', 'PG', 'R');
CREATE TABLE film (film_id serial PRIMARY KEY, title text NOT NULL, description text, rating rating DEFAULT 'G',
  special_features text[], fulltext tsvector);
CREATE TABLE film_actor (actor_id int NOT NULL REFERENCES actor, film_id int NOT NULL REFERENCES film, PRIMARY KEY (actor_id, film_id));
CREATE TABLE inventory (inventory_id serial PRIMARY KEY, film_id int NOT NULL REFERENCES film, store_id int NOT NULL REFERENCES store);
CREATE TABLE rental (rental_id serial PRIMARY KEY, rental_date timestamptz NOT NULL, inventory_id int NOT NULL REFERENCES inventory,
  customer_id int NOT NULL REFERENCES customer ON DELETE RESTRICT, return_date timestamptz, staff_id int NOT NULL REFERENCES staff,
  last_update timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX rental_once ON rental (rental_date, inventory_id, customer_id);
CREATE TABLE payment (payment_id serial, customer_id int NOT NULL, staff_id int NOT NULL, rental_id int NOT NULL,
  amount numeric(5, 2) NOT NULL, payment_date timestamptz NOT NULL, PRIMARY KEY (payment_date, payment_id))
  PARTITION BY RANGE (payment_date);
CREATE TABLE payment_2024_01 PARTITION OF payment FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE payment_2024_02 PARTITION OF payment FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE INDEX payment_customer ON payment (customer_id);
CREATE INDEX payment_rental ON payment (rental_id);
ALTER TABLE payment_2024_01 ADD FOREIGN KEY (customer_id) REFERENCES customer, ADD FOREIGN KEY (rental_id) REFERENCES rental,
  ADD FOREIGN KEY (staff_id) REFERENCES staff;
CREATE VIEW customer_list AS SELECT c.customer_id, c.first_name || ' ' || c.last_name AS name, a.address, a.phone
  FROM customer c JOIN address a USING (address_id);
CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.last_update = now(); RETURN NEW; END';
CREATE TRIGGER last_updated BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON address FOR EACH ROW EXECUTE FUNCTION last_updated();
INSERT INTO country (country) VALUES ('Portugal'), ('Austria');
INSERT INTO city (city, country_id) VALUES ('Porto', 1), ('Graz', 2);
INSERT INTO address (address, district, city_id, postal_code, phone) VALUES
  ('47 Sakura Lane', 'North', 1, '4000', '+351 22 555 0101'), ('28 Mill Road', 'South', 2, '8010', '+43 316 555 0102'),
  ('9 Harbour Street', 'West', 1, '4050', '+351 22 555 0103'), ('1 Shared House Avenue', 'East', 2, '8020', '+43 316 555 0104');
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO staff (first_name, last_name, address_id, email, store_id, username, password)
  SELECT * FROM (VALUES ('Mike', 'Hill', 4, 'mike.hill@rental.example', 1, 'mike', 'x1'), ('Jon', 'Stone', 4, 'jon@rental.example', 2, 'jon', 'x2')) v WHERE false;
ALTER TABLE store DISABLE TRIGGER ALL;
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1), (2, 4);
ALTER TABLE store ENABLE TRIGGER ALL;
INSERT INTO staff (first_name, last_name, address_id, email, store_id, username, password) VALUES
  ('Mike', 'Hill', 4, 'mike.hill@rental.example', 1, 'mike', 'x1'), ('Jon', 'Stone', 4, 'jon@rental.example', 2, 'jon', 'x2');
INSERT INTO customer (store_id, first_name, last_name, email, address_id, active) VALUES
  (1, 'Mary', 'Silva', 'MARY.SILVA@rentalcustomer.example', 2, 1), (1, 'Pat', 'Okoro', 'PAT.OKORO@rentalcustomer.example', 3, 1),
  (2, 'Linda', 'Berg', 'LINDA.BERG@rentalcustomer.example', 4, 1), (2, 'Ruth', 'Berg', 'RUTH.BERG@rentalcustomer.example', 4, 1);
INSERT INTO actor (first_name, last_name) VALUES ('Penelope', 'Guin'), ('Nick', 'Wahl');
INSERT INTO film (title, description, special_features) VALUES ('Academy Dinosaur', 'An epic drama of a feminist and a scientist', '{Trailers}');
INSERT INTO film_actor VALUES (1, 1), (2, 1);
INSERT INTO inventory (film_id, store_id) VALUES (1, 1), (1, 2);
INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id)
  SELECT '2024-01-01'::timestamptz + n * interval '1 day', n % 2 + 1, n % 4 + 1, n % 2 + 1 FROM generate_series(0, 39) n;
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date)
  SELECT customer_id, staff_id, rental_id, 2.99, rental_date + interval '1 hour' FROM rental;
