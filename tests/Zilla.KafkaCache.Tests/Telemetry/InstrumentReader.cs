using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Telemetry;

namespace Zilla.KafkaCache.Tests.Telemetry;

/// <summary>Reads what the cache's instruments say now.</summary>
internal static class InstrumentReader
{
    /// <summary>The last measurement that has this value among its tags; -1 if there is none.</summary>
    public static long Measure(string instrument, string topic)
    {
        var measured = -1L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Meter.Name == CacheTelemetry.Name && published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                measured = Equals(tag.Value, topic) ? value : measured;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
