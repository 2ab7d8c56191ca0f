using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;
using Zilla.Config.Telemetry;
using Zilla.Edge.Telemetry;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary><c>stream.*</c> (reference §3.5) of an mqtt server: its connections.</summary>
public sealed class StreamMetricsTests
{
    [Fact]
    public async Task Connection_IsAStream_FromItsFirstByteToItsLast()
    {
        var sums = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == StreamMetrics.Name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags.SequenceEqual([new("namespace", "tests"), new("binding", "mqtt-streams"), new("tier", "gold")]))
            {
                sums.AddOrUpdate(instrument.Name["stream.".Length..], value, (_, sum) => sum + value);
            }
        });
        listener.Start();
        await using var edge = await TestEdge.StartAsync(
            new TcpServerBinding { Name = "tcp", Ports = [], Exit = "mqtt-streams" },
            new MqttServerBinding
            {
                Name = "mqtt-streams",
                Exit = "map",
                Telemetry = new BindingTelemetry { Metrics = MetricNames.Matching("stream.*"), Attributes = new Dictionary<string, string> { ["tier"] = "gold" } },
            });

        await using (var client = await edge.ConnectAsync())
        {
            await client.PingAsync();
            Assert.Equal((1, 1, 1, 1), (sums["opens.received"], sums["opens.sent"], sums["active.received"], sums["active.sent"]));
            Assert.True(sums["data.received"] > 2 && sums["data.sent"] > 2);
            await client.SendAsync(new byte[] { 0xe0, 0x00 });
            await client.EndAsync();
        }

        await Eventually.HoldsAsync(() => sums.GetValueOrDefault("closes.received") == 1 && sums.GetValueOrDefault("closes.sent") == 1 && sums["active.received"] == 0 && sums["active.sent"] == 0);
        Assert.Equal((0, 0), (sums.GetValueOrDefault("errors.received"), sums.GetValueOrDefault("errors.sent")));
    }
}
