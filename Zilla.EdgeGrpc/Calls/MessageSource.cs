using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>The messages of a request body, one after the other.</summary>
internal abstract class MessageSource : IDisposable
{
    /// <summary>Valid until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Current { get; protected set; }

    /// <summary>How many there were.</summary>
    public long Count { get; protected set; }

    /// <summary>False: there is none any more.</summary>
    /// <exception cref="CallException">What came is no message, too large, by itself or with all the others, or does not go on.</exception>
    public abstract ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);

    /// <summary>The call is over, and nobody reads any more.</summary>
    public abstract void Dispose();
}

/// <summary>Of gRPC and gRPC-Web: frames.</summary>
/// <param name="exchange">The request.</param>
/// <param name="isStream">The method takes more than one message.</param>
/// <param name="body">Its body, decoded where it is gRPC-Web's text.</param>
/// <param name="encoding">What compressed messages are compressed with.</param>
/// <param name="maximum">Bytes of a message, compressed or not.</param>
/// <param name="budget">What all messages may take.</param>
internal sealed class FrameSource(Exchange exchange, bool isStream, PipeReader body, string encoding, int maximum, MessageBudget budget) : MessageSource
{
    private readonly FrameReader _frames = new(body, encoding, maximum, budget, exchange.Context.Connection.Id, budget.Pace);

    public override async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        var found = await _frames.MoveNextAsync(cancellationToken);
        (Current, exchange.BytesReceived) = (_frames.Current, _frames.BytesRead);
        if (found && ++Count > 1 && !isStream)
        {
            throw new CallException(StatusCode.Internal, "The method takes one message, and there are more.");
        }

        return found;
    }

    public override void Dispose() => _frames.Dispose();
}
