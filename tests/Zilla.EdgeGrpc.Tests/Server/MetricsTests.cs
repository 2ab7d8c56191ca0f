using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Zilla.Config.Plans;
using Zilla.Config.Telemetry;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Server;

/// <summary>The names are Zilla's (reference §3.5).</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Call_IsMeasured()
    {
        using var measured = new Measured("metered");
        await using var gateway = await Gateway.StartAsync(grpc => grpc with { Name = "metered" }, Gateway.Produce("*/Upload", "uploads"));
        gateway.Cache.Topic("uploads");
        using var call = gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything { AString = "one" });
        await Eventually.HoldsAsync(() => gateway.Cache.Topic("uploads").End(0) == 1);
        Assert.Equal([1], measured.Of("grpc.active.requests"));
        await call.RequestStream.WriteAsync(new Everything());
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        await Eventually.HoldsAsync(() => measured.Of("grpc.duration").Count == 1);
        Assert.Equal(0, measured.Of("grpc.active.requests").Sum());
        Assert.Equal([2], measured.Of("grpc.requests.per.rpc"));
        Assert.Equal([1], measured.Of("grpc.responses.per.rpc"));
        Assert.Equal([5 + new Everything { AString = "one" }.CalculateSize() + 5], measured.Of("grpc.request.size"));
        Assert.Equal([5], measured.Of("grpc.response.size"));
    }

    [Fact]
    public async Task Exporter_TellsOfCalls()
    {
        var endpoint = new PrometheusEndpoint { Port = FreePort.Next() };
        await using var gateway = await Gateway.StartAsync(new MetricsPlan { Attributes = new Dictionary<string, string> { ["site"] = "here" }, Endpoints = [endpoint] }, Gateway.Produce("*/Get", "gets"));
        gateway.Cache.Topic("gets");
        await gateway.Things.GetAsync(new Everything());

        await Eventually.HoldsAsync(async () => (await gateway.Http.GetStringAsync($"http://127.0.0.1:{endpoint.Port}/metrics"))
            .Contains("\ngrpc_requests_per_rpc_count{site=\"here\",binding=\"grpc\",namespace=\"tests\"} ", StringComparison.Ordinal));
    }

    /// <summary>What is measured of one binding.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _values = new();
        private readonly string _binding;

        public Measured(string binding)
        {
            _binding = binding;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == GrpcMetrics.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _listener.Start();
        }

        public IReadOnlyCollection<double> Of(string instrument) => [.. _values.GetValueOrDefault(instrument) ?? []];

        public void Dispose() => _listener.Dispose();

        private void Add(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.SequenceEqual([new("namespace", "tests"), new("binding", _binding)]))
            {
                _values.GetOrAdd(instrument, _ => []).Enqueue(value);
            }
        }
    }
}
