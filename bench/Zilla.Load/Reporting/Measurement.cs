using System.Globalization;

namespace Zilla.Load.Reporting;

/// <summary>One run's numbers, as the line that the table is made of.</summary>
internal sealed record Measurement(string Figure, string Side, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>Names of the metrics, which all sides of a figure share.</summary>
    public const string Rate = "rate", Done = "done", P50 = "p50us", P99 = "p99us", Failed = "failed", Bytes = "bytes", MicrosecondsPerEvent = "edge-us-per-event",
        SenderBytes = "sender-bytes", ReceiverBytes = "receiver-bytes", Growth = "growth", HighestBytes = "highest-bytes",
        RecordBytes = "record-bytes";

    public const string Cpu = "cpu.";

    public static Measurement Of(Arguments arguments, params (string Name, double Value)[] metrics) =>
        new(arguments.Text("figure", "-"), arguments.Text("side", "-"), metrics.ToDictionary(m => m.Name, m => m.Value));

    /// <summary>With the CPU seconds of each group between two looks at it.</summary>
    public Measurement With(IReadOnlyList<(string Name, double Seconds)> before, IReadOnlyList<(string Name, double Seconds)> after) =>
        this with { Metrics = Metrics.Concat(before.Zip(after, (b, a) => KeyValuePair.Create(Cpu + b.Name, a.Seconds - b.Seconds))).ToDictionary() };

    /// <summary>CPU microseconds of all services watched, for one request or delivery; NaN when not known.</summary>
    public double ServiceMicroseconds =>
        Metrics.Where(m => m.Key.StartsWith(Cpu, StringComparison.Ordinal) && m.Key != $"{Cpu}driver").Select(m => m.Value).ToArray() is { Length: > 0 } services
            ? services.Sum() * 1e6 / this[Done]
            : double.NaN;

    /// <summary>With the resident bytes of each group, and of all, less those before, for each of so many things.</summary>
    public Measurement With(IReadOnlyList<(string Name, double Bytes)> before, IReadOnlyList<(string Name, double Bytes)> after, double count)
    {
        var groups = before.Zip(after, (b, a) => KeyValuePair.Create($"{Bytes}.{b.Name}", (a.Bytes - b.Bytes) / count)).ToArray();
        return this with { Metrics = Metrics.Concat(groups).Append(new(Bytes, groups.Sum(g => g.Value))).ToDictionary() };
    }

    public Measurement With(string metric, double value) => this with { Metrics = new Dictionary<string, double>(Metrics) { [metric] = value } };

    public double this[string metric] => Metrics.GetValueOrDefault(metric, double.NaN);

    /// <summary>The part of all CPU time, the driver's included, that a group took; NaN when it, or anything beside it, was not watched.</summary>
    public double Share(string group)
    {
        var watched = Metrics.Where(m => m.Key.StartsWith(Cpu, StringComparison.Ordinal)).ToArray();
        return watched.Length < 2 ? double.NaN : this[Cpu + group] / watched.Sum(m => m.Value);
    }

    public override string ToString() =>
        string.Join('\t', [Figure, Side, .. Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key}={m.Value:0.###}"))]);

    /// <exception cref="FormatException">Not such a line.</exception>
    public static Measurement Parse(string line)
    {
        var fields = line.Split('\t');
        return fields.Length < 2
            ? throw new FormatException($"Not a measurement: '{line}'")
            : new(fields[0], fields[1], fields[2..].Select(f => f.Split('=')).ToDictionary(p => p[0], p => double.Parse(p[1], CultureInfo.InvariantCulture)));
    }

    public void Print() => Console.WriteLine(this);
}
