using System.Diagnostics.Metrics;

namespace Zilla.Edge.Telemetry;

/// <summary><c>stream.*</c> of one direction.</summary>
internal sealed class StreamInstruments
{
    public const string Group = "stream.";

    private static readonly Meter Meter = new(StreamMetrics.Name);

    private StreamInstruments(string direction)
    {
        Opens = Meter.CreateCounter<long>($"{Group}opens.{direction}", "{stream}", $"Streams opened, {direction}.");
        Closes = Meter.CreateCounter<long>($"{Group}closes.{direction}", "{stream}", $"Streams that came to their end, {direction}.");
        Errors = Meter.CreateCounter<long>($"{Group}errors.{direction}", "{stream}", $"Streams that were broken off, {direction}.");
        Data = Meter.CreateCounter<long>($"{Group}data.{direction}", "By", $"Bytes of streams, {direction}.");
        Active = Meter.CreateUpDownCounter<long>($"{Group}active.{direction}", "{stream}", $"Open streams, {direction}.");
    }

    public static StreamInstruments Received { get; } = new("received");

    public static StreamInstruments Sent { get; } = new("sent");

    public Counter<long> Opens { get; }

    public Counter<long> Closes { get; }

    public Counter<long> Errors { get; }

    public Counter<long> Data { get; }

    public UpDownCounter<long> Active { get; }
}
