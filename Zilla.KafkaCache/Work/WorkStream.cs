using System.Threading.Channels;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Work;

/// <summary>Serves one WORK stream (work.proto): an edge that makes calls.</summary>
internal sealed class WorkStream(FrameStream stream, uint calls, WorkParts parts, CancellationToken leaving) : IWorkMember
{
    private const int MostCalls = 1024;

    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleReader = true });

    public int Calls { get; } = (int)Math.Clamp(calls, 1, MostCalls);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken, leaving);
        stream.Accept();
        parts.Group.Join(this);
        try
        {
            await await Task.WhenAny(ReadAsync(ending.Token), WriteAsync(ending.Token));
            stream.End();
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            throw new StreamBrokenException(Cause.ShuttingDown, "The group is left");
        }
        finally
        {
            if (parts.Group.Leave(this) is { } reason)
            {
                WorkLog.Unrouted(parts.Cluster.Logger, parts.Plan.Group, parts.Cluster.Options.WorkUnrouted, reason);
            }

            await ending.CancelAsync();
        }
    }

    public void Deliver(WorkCall call, KafkaRecord record) => _items.Writer.TryWrite(new(call, record, null));

    public void GiveUp(WorkCall call, WorkAnswer? answer) => _items.Writer.TryWrite(new(call, null, answer));

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var (call, delivered, answer) in _items.Reader.ReadAllAsync(cancellationToken))
        {
            var message = new WorkDataEx { Call = call.Number };
            if (delivered is { } record)
            {
                message.Record = new WorkRecord { Topic = call.Partition.Topic, Record = UnsafeByteOperations.UnsafeWrap(record.Encoded), Begins = record.Offset == call.First };
                message.Record.GivenUp = message.Record.Begins ? Encode(call.GivenUp) : null;
                await stream.WriteRecordAsync(ExtensionKind.Work, message.ToByteArray(), record.Value, cancellationToken);
            }
            else
            {
                message.GivenUp = Encode(answer) ?? new WorkGivenUp();
                await stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Work, message.ToByteArray(), cancellationToken);
            }
        }
    }

    /// <summary>Returns at the edge's END.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind == FrameKind.Data)
            {
                Take(frame.Parse(ExtensionKind.Work, WorkDataEx.Parser));
            }
        }
    }

    private void Take(WorkDataEx message)
    {
        if (message.Refused is { } refused)
        {
            if (parts.Group.Refuse(this, message.Call, refused.Reason))
            {
                WorkLog.Unrouted(parts.Cluster.Logger, parts.Plan.Group, parts.Cluster.Options.WorkUnrouted, refused.Reason);
            }
        }
        else if (message.Done is { } done && parts.Group.Release(this, message.Call) is { } call)
        {
            if (done.Poison.Length == 0)
            {
                parts.Group.Finish(call);
            }
            else
            {
                // Kafka may take its time; other calls of the edge do not wait for that.
                _ = BuryAsync(call, done.Poison);
            }
        }
    }

    private async Task BuryAsync(WorkCall call, string reason)
    {
        try
        {
            await parts.DeadLetters.BuryAsync(call.Partition.Topic, call.Records, reason, parts.Cluster.Stopping);
            parts.Group.Finish(call);
        }
        catch (OperationCanceledException)
        {
            // Not committed: the call begins anew.
        }
        catch (Exception fault)
        {
            WorkLog.Fault(parts.Cluster.Logger, fault, parts.Plan.Group);
        }
    }

    private static WorkGivenUp? Encode(WorkAnswer? answer) => answer is null ? null : new() { Status = answer.Status, Reason = answer.Reason };

    private readonly record struct Item(WorkCall Call, KafkaRecord? Record, WorkAnswer? Answer);
}
