using Google.Protobuf.Reflection;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>One call: its method, the messages that come and go, how it ends. Reading and writing are independent, each for one caller at a time.</summary>
internal sealed class Call(Exchange exchange, string path, MethodDescriptor method, MessageSource source, MessageSink sink, CancellationTokenSource cancelled)
{
    public Exchange Exchange => exchange;

    public MethodDescriptor Method => method;

    /// <summary><c>package.Service/Method</c></summary>
    public string Path => path;

    /// <summary><c>package.Service</c></summary>
    public string ServiceName => method.Service.FullName;

    /// <summary>Its <see cref="Deadline"/> is over, the client has gone, the listener closes, or what the client was granted has expired.</summary>
    public CancellationToken Cancelled => cancelled.Token;

    /// <summary>When that is; null: never.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Nothing of it is of interest any more but its status.</summary>
    public Task CancelAsync() => cancelled.CancelAsync();

    /// <summary>What the client sent as metadata.</summary>
    public IReadOnlyList<Metadatum> Metadata => CallMetadata.Of(exchange.Request);

    /// <summary>The next message of the client; it lives until the next is asked for. False: there is none any more.</summary>
    /// <exception cref="CallException">What came is no message, or too large.</exception>
    public ValueTask<bool> ReadAsync() => source.MoveNextAsync(cancelled.Token);

    public ReadOnlyMemory<byte> Message => source.Current;

    /// <summary>To be asked once there are no more: a method that takes one message must have had it. That there is more than one, reading says.</summary>
    /// <exception cref="CallException">There was none.</exception>
    public void RequireMessage()
    {
        if (source.Count == 0 && !method.IsClientStreaming)
        {
            throw new CallException(StatusCode.Internal, "The method takes one message, and there is none.");
        }
    }

    /// <summary>Messages of the client, so far.</summary>
    public long Received => source.Count;

    /// <summary>Messages of the answer, so far.</summary>
    public long Sent => sink.Count;

    /// <summary>Metadata of the response; before the first message.</summary>
    public void Respond(Metadatum metadatum) => sink.Add(metadatum);

    /// <summary>Has the client get the metadata of the response now, if they do not depend on how the call ends.</summary>
    public ValueTask BeginAsync() => sink.BeginAsync(cancelled.Token);

    /// <summary>Metadata that come with the status.</summary>
    public void Trail(Metadatum metadatum) => sink.AddTrailer(metadatum);

    /// <summary>Writes a message, which goes out with <see cref="FlushAsync"/> at the latest.</summary>
    /// <param name="message">The message.</param>
    /// <param name="more">What follows it within the same message.</param>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more = default) => sink.WriteAsync(message, more, cancelled.Token);

    /// <summary>Bytes that are written and not sent.</summary>
    public long Unflushed => sink.Unflushed;

    /// <summary>Returns when the client takes more.</summary>
    public ValueTask FlushAsync() => sink.FlushAsync(cancelled.Token);

    public Task EndAsync(Status status) => sink.EndAsync(status, exchange.Aborted);
}

/// <summary>A name with its value: bytes, if the name ends in <c>-bin</c>, else printable ASCII.</summary>
internal readonly record struct Metadatum(string Name, ReadOnlyMemory<byte> Value);
