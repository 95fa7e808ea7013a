-- Page views and distinct users per hour, from a stream of events into two tables of a database.
--
--     cargo run --release -- run examples/pv_uv/pv_uv.sql

-- Functions in a sandboxed WebAssembly component; its source is in functions/.
CREATE FUNCTION classify LANGUAGE WASM USING COMPONENT 'examples/pv_uv/behaviour.wasm';
CREATE FUNCTION approx_uv LANGUAGE WASM USING COMPONENT 'examples/pv_uv/behaviour.wasm';

CREATE TABLE user_behavior (
  user_id     STRING,
  item_id     STRING,
  category_id STRING,
  behavior    STRING,
  ts          TIMESTAMP_LTZ(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = 'examples/pv_uv/events.jsonl',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

-- A missing table is made in the SQLite file. For PostgreSQL: 'url' = 'jdbc:postgresql://localhost:5432/mydb',
-- 'username', 'password', and 'create-table' = 'true'.
CREATE TABLE pv_uv_table (
  startTime TIMESTAMP(3),
  endTime   TIMESTAMP(3),
  pv        BIGINT,
  uv        BIGINT,
  PRIMARY KEY (startTime, endTime) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:sqlite:pv_uv.db',
  'table-name' = 'pv_uv_table'
);

CREATE TABLE uv_by_kind (
  startTime TIMESTAMP(3),
  kind      STRING,
  events    BIGINT,
  uv        BIGINT,
  approx_uv BIGINT,
  PRIMARY KEY (startTime, kind) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:sqlite:pv_uv.db',
  'table-name' = 'uv_by_kind'
);

EXECUTE STATEMENT SET BEGIN
  INSERT INTO pv_uv_table
  SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT user_id)
  FROM TABLE(TUMBLE(TABLE user_behavior, DESCRIPTOR(ts), INTERVAL '1' HOUR))
  WHERE behavior = 'pv'
  GROUP BY window_start, window_end;

  INSERT INTO uv_by_kind
  SELECT window_start, kind, COUNT(*), COUNT(DISTINCT user_id), approx_uv(user_id)
  FROM (
    SELECT window_start, window_end, user_id, classify(behavior) AS kind
    FROM TABLE(TUMBLE(TABLE user_behavior, DESCRIPTOR(ts), INTERVAL '1' HOUR))
  )
  GROUP BY window_start, window_end, kind;
END;

-- The job above has ended with its input; what it wrote is read back.
SET 'execution.runtime-mode' = 'batch';
SELECT * FROM pv_uv_table ORDER BY startTime;
SELECT * FROM uv_by_kind ORDER BY startTime, kind;
