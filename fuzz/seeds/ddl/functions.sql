f AS 'g' LANGUAGE WASM USING COMPONENT 'f.wasm' WITH ('memory' = '64 mb', 'timeout' = '500 ms', 'sha256' = 'x', 'grant.clock' = 'true', 'on-error' = 'null', 'option.a' = 'b');
CREATE OR REPLACE TEMPORARY FUNCTION IF NOT EXISTS a.b.c LANGUAGE WASM USING COMPONENT 'name@1.2' WITH ('recycle-age' = '1 h');
DROP TEMPORARY FUNCTION IF EXISTS f; SHOW FUNCTIONS LIKE '%f%'; DESCRIBE FUNCTION f;
