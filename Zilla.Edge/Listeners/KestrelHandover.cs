using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Listeners;

/// <summary>
/// Hands connections to Kestrel, which cannot serve HTTP/1.1 and prior-knowledge HTTP/2 on one plain port itself: it listens on two virtual
/// endpoints, and the first bytes of a connection decide between them; over TLS the protocol agreed on does.
/// </summary>
public sealed class KestrelHandover(IOptions<ListenerOptions> options, TimeProvider time)
    : IConnectionTarget, IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public static EndPoint Http1 { get; } = new VirtualEndPoint("http1");
    public static EndPoint Http2 { get; } = new VirtualEndPoint("http2");

    private readonly Channel<ConnectionContext> _http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> _http2 = Channel.CreateUnbounded<ConnectionContext>();

    public bool CanBind(EndPoint endpoint) => endpoint is VirtualEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new VirtualListener(endpoint, endpoint == Http2 ? _http2 : _http1));

    public async Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var guess = connection.Features.Get<ITlsFeature>() switch
        {
            { Protocol: "h2" } => HttpVersionGuess.Http2,
            not null => HttpVersionGuess.Http1,
            null => await GuessAsync(connection, cancellationToken),
        };
        if (guess == HttpVersionGuess.NeedMore || !(guess == HttpVersionGuess.Http2 ? _http2 : _http1).Writer.TryWrite(connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    /// <summary><see cref="HttpVersionGuess.NeedMore"/>: the client has gone, or said too little in time.</summary>
    private async Task<HttpVersionGuess> GuessAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.PrefaceTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(either.Token);
            var guess = read.Buffer.IsEmpty ? HttpVersionGuess.NeedMore : HttpPreface.Guess(read.Buffer);
            var decided = guess != HttpVersionGuess.NeedMore;
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, decided ? read.Buffer.Start : read.Buffer.End);
            if (decided || read.IsCompleted)
            {
                return guess;
            }
        }
    }

    private sealed class VirtualEndPoint(string name) : EndPoint
    {
        public override string ToString() => name;
    }

    private sealed class VirtualListener(EndPoint endPoint, Channel<ConnectionContext> queue) : IConnectionListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await queue.Reader.WaitToReadAsync(cancellationToken))
            {
                if (queue.Reader.TryRead(out var connection))
                {
                    return connection;
                }
            }

            return null;
        }

        /// <summary>What is queued already is still served.</summary>
        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            queue.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
