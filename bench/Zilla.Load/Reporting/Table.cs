namespace Zilla.Load.Reporting;

/// <summary>The measurements of all rounds as one Markdown table. A ratio is the median of the ratios of the rounds, whose two runs were next to each other.</summary>
internal static class Table
{
    public static async Task PrintAsync(Arguments arguments)
    {
        var lines = await File.ReadAllLinesAsync(arguments.Text("results"));
        foreach (var line in Lines([.. lines.Where(l => l.Length > 0).Select(Measurement.Parse)]))
        {
            Console.WriteLine(line);
        }
    }

    public static IEnumerable<string> Lines(IReadOnlyList<Measurement> measurements)
    {
        yield return "| figure | unit | ours | peer | ratio | to reach | p99, ours / peer | to reach | CPU of all services per request or delivery, ours / peer | broker's part of all CPU, ours / peer | driver's, ours / peer |";
        yield return "| --- | --- | --: | --: | --: | --- | --- | --- | --- | --- | --- |";
        foreach (var figure in Figure.All)
        {
            var ours = Of(measurements, figure, "ours");
            var peer = Of(measurements, figure, "peer");
            if (ours.Count + peer.Count > 0)
            {
                yield return "| " + string.Join(" | ", Cells(figure, ours, peer)) + " |";
            }
        }

        foreach (var frames in Of(measurements, Figure.All.First(f => f.Name == "frames"), "ours").Take(1))
        {
            yield return "";
            yield return $"Bytes allocated per frame on our lane: {Figure.Number(frames[Measurement.SenderBytes])} by the sender, {Figure.Number(frames[Measurement.ReceiverBytes])} by the receiver.";
        }

        foreach (var lost in measurements.Where(m => m[Measurement.Failed] > 0))
        {
            yield return "";
            yield return $"**{lost.Figure}, {lost.Side}: {Figure.Number(lost[Measurement.Failed])} requests or deliveries failed.**";
        }
    }

    /// <summary>The middle value, NaN for none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static List<Measurement> Of(IReadOnlyList<Measurement> all, Figure figure, string side) => [.. all.Where(m => m.Figure == figure.Name && m.Side == side)];

    private static string[] Cells(Figure figure, List<Measurement> ours, List<Measurement> peer)
    {
        var value = Median(ours.Select(m => m[figure.Metric]));
        var ratio = Ratio(ours, peer, figure.Metric);
        var tail = Ratio(ours, peer, Measurement.P99);
        return
        [
            figure.Title,
            figure.Unit,
            Figure.Number(value),
            Figure.Number(Median(peer.Select(m => m[figure.Metric]))),
            Figure.Number(ratio),
            AtLeast(figure.Goal, ratio) + AtMost(figure.MostRatio, ratio) + AtMost(figure.Most, value),
            Pair(ours, peer, m => m[Measurement.P99] / 1000, v => $"{Figure.Number(v)} ms") + (double.IsNaN(tail) ? "" : $" = {Figure.Number(tail)}"),
            AtMost(figure.TailGoal, tail),
            Pair(ours, peer, m => m.ServiceMicroseconds, v => $"{Figure.Number(v)} µs"),
            Pair(ours, peer, m => m.Share("broker"), Figure.Percent),
            Pair(ours, peer, m => m.Share("driver"), Figure.Percent),
        ];
    }

    private static double Ratio(List<Measurement> ours, List<Measurement> peer, string metric) => Median(ours.Zip(peer, (o, p) => o[metric] / p[metric]));

    private static string AtLeast(double? goal, double value) => goal is { } least && !double.IsNaN(value) ? Verdict(value >= least, $"≥ {Figure.Number(least)}") : "";

    private static string AtMost(double? goal, double value) => goal is { } most && !double.IsNaN(value) ? Verdict(value <= most, $"≤ {Figure.Number(most)}") : "";

    private static string Verdict(bool reached, string goal) => $"{goal} {(reached ? "✓" : "**short**")}";

    private static string Pair(List<Measurement> ours, List<Measurement> peer, Func<Measurement, double> value, Func<double, string> format)
    {
        var (first, second) = (Median(ours.Select(value)), Median(peer.Select(value)));
        return (double.IsNaN(first), double.IsNaN(second)) switch
        {
            (true, true) => "",
            (false, true) => format(first),
            (true, false) => $"– / {format(second)}",
            _ => $"{format(first)} / {format(second)}",
        };
    }
}
