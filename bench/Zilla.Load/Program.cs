using System.Globalization;
using System.Net.Sockets;
using Confluent.Kafka;
using Zilla.Load;
using Zilla.Load.Grpc;
using Zilla.Load.Http;
using Zilla.Load.Lanes;
using Zilla.Load.Mqtt;
using Zilla.Load.Mqtt.Noise;
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
      mqtt-publish  publishers into Kafka            --port p --qos 0|1 --clients 64 --window 16 --body 64 --topic bench --warmup 2 --seconds 5
                                                   --kafka <servers> --kafka-topic <where it arrives> --backlog 32768
      mqtt-events   one publisher, many subscribers  --port p --subscribers 1000 --messages 1000 --window 64 --body 64 --topic news --timeout 30
      mqtt-connect  clients that come and go         --port p --clients 32 --session-expiry <seconds; without: clean> --warmup 1 --seconds 4
      mqtt-idle     memory per idle connection       --port p --connections 10000 --qos 0 --session-expiry <seconds> --settle 5
      mqtt-soak     memory over time under load      --port p --seconds 600 --rate 1000 --clients 16 --subscribers 10 --connections 1000
      mqtt-noise    malformed connections at a rate  --port p --rate 1000 --seconds 60 --clients 1000 --interval 2 --seed 5
                    beside clients that mean well
      mqtt-sessions memory per stored session        --port p --kafka <servers> --sessions 1000000 --clients 100 --settle 20
      grpc-calls    closed loop of unary calls       --port p --method package.Service/Method --connections 16 --window 4 --body 256 --warmup 2 --seconds 5
      grpc-events   followers of one topic           --port p --method package.Service/Method --metadata name=value --subscribers 500 --messages 1000
                                                   --kafka <servers> --kafka-topic <topic> --body 256 --window 64 --timeout 30
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
        "mqtt-publish" => PublishLoad.RunAsync(arguments),
        "mqtt-events" => MqttFanOutLoad.RunAsync(arguments),
        "mqtt-connect" => ConnectLoad.RunAsync(arguments),
        "mqtt-idle" => MqttIdleLoad.RunAsync(arguments),
        "mqtt-soak" => SoakLoad.RunAsync(arguments),
        "mqtt-noise" => NoiseLoad.RunAsync(arguments),
        "mqtt-sessions" => StoredSessionsLoad.RunAsync(arguments),
        "grpc-calls" => CallLoad.RunAsync(arguments),
        "grpc-events" => GrpcFanOutLoad.RunAsync(arguments),
        "table" => Table.PrintAsync(arguments),
        _ => throw new FormatException($"'{args[0]}' is not a command; --help lists them."),
    });
    return 0;
}
catch (Exception e) when (e is FormatException or IOException or SocketException or InvalidDataException or TimeoutException or OperationCanceledException or KafkaException)
{
    await Console.Error.WriteLineAsync($"{args[0]}: {e.Message}");
    return 1;
}
