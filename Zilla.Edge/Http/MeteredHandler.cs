using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Http;

/// <summary>A binding that an http server's route leads to, whose streams are counted.</summary>
internal sealed class MeteredHandler(IExchangeHandler inner, StreamMetrics metrics) : IExchangeHandler
{
    public IExchangeHandler Inner => inner;

    public async Task HandleAsync(Exchange exchange)
    {
        var count = exchange.Measure(metrics);
        try
        {
            await inner.HandleAsync(exchange);
            exchange.Measured(count, failed: exchange.Aborted.IsCancellationRequested);
        }
        catch
        {
            exchange.Measured(count, failed: true);
            throw;
        }
    }
}
