using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>The replica's end of work streams (work.proto): a test says what is given to the edge, and sees what that says.</summary>
internal sealed class WorkSource
{
    private readonly Channel<(FrameStream Stream, CancellationTokenSource Lost)> _opened = Channel.CreateUnbounded<(FrameStream, CancellationTokenSource)>();
    private (FrameStream Stream, CancellationTokenSource Lost)? _current;

    public WorkSource(FakeCache cache) => cache.Work = ServeAsync;

    /// <summary>What the edge has said of calls, oldest first.</summary>
    public ConcurrentQueue<WorkDataEx> Said { get; } = new();

    /// <summary>Waits for the next stream that the edge opens, for what is given from now on.</summary>
    public async Task<WorkBeginEx> OpenedAsync()
    {
        _current = await Eventually.CompletesAsync(_opened.Reader.ReadAsync().AsTask());
        return _current.Value.Stream.Opening.Work;
    }

    /// <summary>Loses the stream.</summary>
    public void Lose() => _current!.Value.Lost.Cancel();

    public Task GiveAsync(ulong call, bool begins, params FakeRecord[] records) => GiveAsync(call, begins, null, records);

    /// <param name="call">Its number.</param>
    /// <param name="begins">The first record begins it.</param>
    /// <param name="givenUp">Said with the first record; null: nothing.</param>
    /// <param name="records">The next of the call.</param>
    public async Task GiveAsync(ulong call, bool begins, WorkGivenUp? givenUp, params FakeRecord[] records)
    {
        foreach (var record in records)
        {
            var part = new WorkDataEx { Call = call, Record = new() { Topic = "requests", Record = ByteString.CopyFrom(record.Encode()), Begins = begins, GivenUp = begins ? givenUp : null } };
            await _current!.Value.Stream.WriteRecordAsync(ExtensionKind.Work, part.ToByteArray(), record.Value);
            begins = false;
        }
    }

    public async Task GiveUpAsync(ulong call, uint status, string reason)
    {
        var answer = new WorkDataEx { Call = call, GivenUp = new() { Status = status, Reason = reason } };
        await _current!.Value.Stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Work, answer.ToByteArray());
    }

    /// <summary>Waits until the edge is done with so many calls.</summary>
    public async Task<IReadOnlyList<(ulong Call, string Poison)>> DoneAsync(int count = 1)
    {
        await Eventually.HoldsAsync(() => Said.Count >= count, what: $"{count} calls are done");
        return [.. Said.Select(said => (said.Call, said.Done.Poison))];
    }

    private async Task ServeAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken);
        stream.Accept();
        await _opened.Writer.WriteAsync((stream, lost), cancellationToken);
        try
        {
            while (await stream.ReadAsync(lost.Token) is var frame && frame.Kind != FrameKind.End)
            {
                if (frame.Kind == FrameKind.Data)
                {
                    Said.Enqueue(WorkDataEx.Parser.ParseFrom(frame.Extension.Span));
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StreamBrokenException(Cause.Unavailable, "The replica is no more");
        }
    }
}
