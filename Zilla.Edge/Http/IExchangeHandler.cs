namespace Zilla.Edge.Http;

/// <summary>A binding that an http server's route leads to, compiled.</summary>
public interface IExchangeHandler
{
    /// <summary>Answers the request, be it with a problem.</summary>
    /// <exception cref="Zilla.Streams.StreamBrokenException">The cache could not serve; the caller answers.</exception>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    Task HandleAsync(Exchange exchange);
}
