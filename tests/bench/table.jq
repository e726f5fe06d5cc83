# bench.json as a table for people, columns parted by tabs.
def round1: . * 10 | round / 10;
def shown($unit):
    if $unit == "bytes" then "\(. / 1048576 | round1) MiB"
    elif $unit == "a second" then "\(. / 1000 | round) k/s"
    elif $unit == "KiB" then "\(. / 1024 | round1) MiB"
    elif $unit == "" then tostring
    elif . >= 10000 then "\(. / 1000 | round1) s"
    else "\(round1) ms"
    end;
def limit: if .least then "at least \(.least)" else "at most \(.most)" end;

(["FIGURE", "MEDIAN", "LEAST", "MOST", "N"] | @tsv),
(.figures[] | .unit as $u
 | [.title, (.median | shown($u)), (.least | shown($u)), (.most | shown($u)), .n] | @tsv),
"",
(["GOAL", "LIMIT", "HERE", ""] | @tsv),
(.goals[] | select(.value != null)
 | [.what, "\(limit) \(.unit)", "\(.value | round1)", if .met then "met" else "not met" end]
 | @tsv)
