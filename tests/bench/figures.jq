# From lines "NAME VALUE" to figures and goals.
def stats: sort | {n: length, least: .[0], median: ((.[((length - 1) / 2 | floor)] + .[length / 2 | floor]) / 2), most: .[-1]};

def figures: [
    ["cold", "ms", "cold boot until the agent answers"],
    ["warm-1", "ms", "warm clone until the agent answers"],
    ["warm-2", "ms", "2 warm clones at once, until the last"],
    ["warm-4", "ms", "4 warm clones at once, until the last"],
    ["warm-8", "ms", "8 warm clones at once, until the last"],
    ["clone-disk", "bytes", "disk that a warm clone adds"],
    ["clone-memory", "KiB", "memory of a warm clone's QEMU"],
    ["warm-memory", "bytes", "warm image: memory"],
    ["warm-disk", "bytes", "warm image: disk"],
    ["ping", "ms", "agent, there and back"],
    ["bare-command", "ms", "/bin/true by the agent alone"],
    ["check", "ms", "/bin/true as a check"],
    ["check-inside", "ms", "of it from start to end in the guest"],
    ["observe", "ms", "looking at everything in a fresh warm clone"],
    ["observe-cpu", "ms", "of it patchlab's own CPU time"],
    ["observe-items", "", "things that are looked at"],
    ["validate-warm", "ms", "validation with five checks, warm"],
    ["validate-warm-apply", "ms", "of it applying the patch"],
    ["validate-cold", "ms", "validation with five checks, cold"],
    ["validate-warm-cpu", "ms", "patchlab's own CPU time, warm"],
    ["validate-warm-own", "ms", "patchlab's own share of the time, warm"],
    ["validate-warm-peak", "KiB", "patchlab's peak memory, warm"],
    ["index", "ms", "Debian's main and security index polled and held against the image"],
    ["index-cpu", "ms", "of it patchlab's own CPU time"],
    ["index-peak", "KiB", "of it patchlab's peak memory"],
    ["index-packages", "", "packages in these indexes"],
    ["match", "ms", "1,000 servers matched with 300,000 advisories"],
    ["match-peak", "KiB", "of it peak memory"],
    ["peer-warm", "ms", "the peer's case, warm"],
    ["peer-cold", "ms", "the peer's case, cold and one lane after the other"],
    ["results-tap", "a second", "results read from TAP"],
    ["results-junit", "a second", "results read from JUnit XML"],
    ["results-compare", "a second", "results compared"]
];

# A poll is the shortest pause between two and the way there and back; qga_wire.c.
def goals($f):
    def of($name): $f | map(select(.name == $name)) | .[0].median;
    def ratio($a; $b): of($a) as $x | of($b) as $y
        | if $x == null or $y == null or $y == 0 then null else $x / $y end;
    def goal($what; $value; $least; $most; $unit):
        {what: $what, value: $value, least: $least, most: $most, unit: $unit,
         met: (if $value == null then null
               else ($least == null or $value >= $least) and ($most == null or $value <= $most)
               end)};
    [
        goal("cold boot / warm clone"; ratio("cold"; "warm-1"); 35; null; "x"),
        goal("4 clones at once / 1"; ratio("warm-4"; "warm-1"); null; 3.5; "x"),
        goal("disk that a clone adds"; of("clone-disk") | if . then . / 1048576 else . end;
             null; 1; "MiB"),
        goal("looking at everything"; of("observe") | if . then . / 1000 else . end;
             null; 2; "s"),
        goal("own share of a warm validation";
             ratio("validate-warm-own"; "validate-warm") | if . then . * 100 else . end;
             null; 3; "%"),
        goal("peak memory"; of("validate-warm-peak") | if . then . / 1024 else . end;
             null; 64; "MiB"),
        goal("a check's overhead over the agent's own";
             if of("check") then (of("check") - of("bare-command")) / (20 + of("ping"))
             else null end; null; 2; "polls"),
        goal("indexes polled and matched"; of("index") | if . then . / 1000 else . end;
             null; 30; "s"),
        goal("of it peak memory"; of("index-peak") | if . then . / 1024 else . end;
             null; 300; "MiB"),
        goal("1,000 servers, 300,000 advisories"; of("match") | if . then . / 1000 else . end;
             null; 60; "s"),
        goal("the peer's case, warm"; of("peer-warm") | if . then . / 1000 else . end;
             null; 28; "s"),
        goal("the peer's case, cold one by one / warm"; ratio("peer-cold"; "peer-warm");
             5; null; "x")
    ];

[inputs | split(" ") | {name: .[0], value: (.[1] | tonumber)}] as $samples
| [figures[] as $f
   | [$samples[] | select(.name == $f[0]) | .value] | select(length > 0)
   | {name: $f[0], unit: $f[1], title: $f[2]} + stats] as $figures
| {date: $date, processors: ($cpus | tonumber), load_at_end: ($load | tonumber), rounds: $runs,
   image: ($image[0] | {name, memory, vcpus, accel: .warm.accel, host: .warm.host}),
   figures: $figures, goals: goals($figures)}
