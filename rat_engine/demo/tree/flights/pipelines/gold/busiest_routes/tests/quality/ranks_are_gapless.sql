-- @description: Ranks run from 1 to the number of routes.
-- @severity: error
SELECT min(rank) AS first_rank, max(rank) AS last_rank, count(DISTINCT rank) AS ranks
FROM {{ this }}
HAVING first_rank <> 1 OR last_rank <> ranks
