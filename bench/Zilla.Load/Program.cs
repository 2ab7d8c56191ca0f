using System.Globalization;
using Zilla.Load;
using Zilla.Load.Http;
using Zilla.Load.Lanes;
using Zilla.Load.Reporting;
using Zilla.Load.Sse;

const string Help = """
    Zilla.Load: the load driver of bench/run. Every measurement is one line: figure, side, and metric=value, separated by tabs.

      requests    closed loop of HTTP requests     --url <with {key}> --method PUT|POST|GET --connections 64 --keys 1000 --body 256 --warmup 2 --seconds 5
      fill        each key once, not measured      the same
      events      fan-out of server-sent events    --subscribe <url> --subscribers n --others-url <with {key}> --others n
                                                   --publish <url with {key}> --method PUT|POST --key <fixed> --events 1000 --publishers 16 --timeout 30
      idle        memory per idle subscriber       --others-url <with {key}> --others n --settle 5
      lane-serve  the receiving end of a lane      --port p
      lane-send   frames over one lane             --port p --body 256 --warmup 1 --seconds 3
      table       the table of the lines in a file --results <file>

    All: --figure <name> --side ours|peer --cpu <group>=<pid>,<pid> (repeated): CPU seconds of these processes during the measurement.
    """;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length == 0 || args[0] == "--help")
{
    Console.WriteLine(Help);
    return 0;
}

try
{
    var arguments = new Arguments(args[1..]);
    await (args[0] switch
    {
        "requests" => RequestLoad.RunAsync(arguments),
        "fill" => RequestLoad.FillAsync(arguments),
        "events" => FanOutLoad.RunAsync(arguments),
        "idle" => IdleLoad.RunAsync(arguments),
        "lane-serve" => LaneReceiver.RunAsync(arguments),
        "lane-send" => LaneSender.RunAsync(arguments),
        "table" => Table.PrintAsync(arguments),
        _ => throw new FormatException($"'{args[0]}' is not a command; --help lists them."),
    });
    return 0;
}
catch (Exception e) when (e is FormatException or IOException or InvalidDataException or TimeoutException)
{
    await Console.Error.WriteLineAsync($"{args[0]}: {e.Message}");
    return 1;
}
