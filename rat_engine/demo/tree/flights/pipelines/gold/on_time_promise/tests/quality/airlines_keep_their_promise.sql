-- @description: Every airline with at least 500 flights lands 75 % of them on time. This test fails on purpose.
-- @severity: error
-- @remediation: Nothing is broken. This shows the gate: the rows were written to the branch named on the run and tested there; because this test failed, they were not published, and readers see no table. Lower the promise from 0.75 to 0.60, release and run again: then it is published.
SELECT carrier, airline, flights, share_on_time
FROM {{ this }}
WHERE flights >= 500 AND share_on_time < 0.75
ORDER BY share_on_time
