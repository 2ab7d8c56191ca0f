using System.Threading.Channels;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>Serves one SHARE stream (mqtt.proto): a client's part of a shared subscription.</summary>
internal sealed class ShareStream(FrameStream stream, MqttShare share, ShareGroups groups, SessionTelemetry telemetry) : IShareMember
{
    private const int MostInFlight = 1024;

    private readonly Channel<KafkaRecord> _records = Channel.CreateUnbounded<KafkaRecord>(new() { SingleReader = true });

    public int InFlight { get; } = (int)Math.Clamp(share.InFlight, 1, MostInFlight);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken);
        var name = new ShareName(share.Name, share.Filter, share.Topic);
        var group = await groups.JoinAsync(name, share.Filters, this, ending.Token);
        var (reading, writing) = (Task.CompletedTask, Task.CompletedTask);
        try
        {
            stream.Accept();
            (reading, writing) = (ReadAsync(group, ending.Token), WriteAsync(ending.Token));
            await await Task.WhenAny(reading, writing);
            stream.End();
        }
        finally
        {
            await ending.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            TakeLast(group);
            groups.Leave(name, this);
        }
    }

    public void Deliver(KafkaRecord record) => _records.Writer.TryWrite(record);

    public void Break(StreamBrokenException why) => _records.Writer.TryComplete(why);

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in _records.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteRecordAsync(record.Encoded, record.Value, cancellationToken);
            telemetry.Shared.Add(1);
        }
    }

    /// <summary>Returns at the edge's END.</summary>
    private async Task ReadAsync(ShareGroup group, CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind == FrameKind.End)
            {
                return;
            }

            if (frame.Kind == FrameKind.Data)
            {
                Settle(group, frame);
            }
        }
    }

    /// <summary>What has come with the end, which may have been seen first, still counts.</summary>
    private void TakeLast(ShareGroup group)
    {
        try
        {
            while (stream.TryRead(out var frame) && frame.Kind != FrameKind.End)
            {
                if (frame.Kind == FrameKind.Data)
                {
                    Settle(group, frame);
                }
            }
        }
        catch (Exception over) when (over is StreamBrokenException or InvalidOperationException)
        {
            // There is no more.
        }
    }

    private void Settle(ShareGroup group, in StreamFrame frame)
    {
        foreach (var record in frame.Parse(MqttDataEx.Parser).Settled?.Records ?? [])
        {
            group.Settle(this, record.Partition, record.Offset);
        }
    }
}
