#!/bin/sh
# Adds up the test reports of all modules and prints "N passed, N failed" (and how many were skipped, if any were).
# Fails if a test failed or none ran.
cd "$(dirname "$0")/.." || exit 1
find . -path '*/target/surefire-reports/TEST-*.xml' -exec sed -n '/<testsuite /{s/>.*//;p;q;}' {} \; |
    awk '
        function number(name) {
            return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0
        }
        {
            failed += number("failures") + number("errors")
            skipped += number("skipped")
            tests += number("tests")
        }
        END {
            passed = tests - failed - skipped
            printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
            exit (failed > 0 || passed == 0)
        }'
