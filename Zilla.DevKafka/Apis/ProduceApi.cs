using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// Produce v0-10, flexible from 9. Versions 0-2 are listed because librdkafka before 2.8 takes version 0 for the sign that a broker knows
/// compression; what they carry (magic 0 and 1) is refused with its proper error.
/// <code>
/// request:  (v3+) transactional id | acks: int16 | timeout ms | [topic, [partition, records]]
/// response: [topic, [partition, error, base offset, (v2+) append time, (v5+) log start, (v8+) [record errors], (v8+) message]] | (v1+) throttle ms
/// </code>
/// </summary>
internal sealed class ProduceApi(TopicStore topics, TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.Produce, 0, 10, 9);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (request, version) = (call.Request, call.Version);
        var transactionalId = version >= 3 ? request.NullableString() : null;
        var acks = request.Int16();
        request.Int32();
        var data = request.Array(r =>
        {
            var topic = r.String();
            var partitions = r.Array(p =>
            {
                var index = p.Int32();
                var records = p.NullableBytes();
                p.Tags();
                return (Index: index, Records: records);
            });
            r.Tags();
            return (Topic: topic, Partitions: partitions);
        });

        // The whole request has been read before the first record is written: a malformed one changes nothing.
        var refused = acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks : ErrorCode.None;
        var results = data.ConvertAll(t => (t.Topic, Partitions: t.Partitions.ConvertAll(p => Append(t.Topic, p.Index, p.Records, transactionalId, refused))));
        call.Unanswered = acks == 0;
        call.Response.Array(results, (w, t) =>
        {
            w.String(t.Topic);
            w.Array(t.Partitions, (p, result) => Write(p, version, result));
            w.Tags();
        });
        if (version >= 1)
        {
            call.Response.Int32(0);
        }

        call.Response.Tags();
        return ValueTask.CompletedTask;
    }

    private Appended Append(string topic, int index, ReadOnlyMemory<byte>? records, string? transactionalId, ErrorCode refused)
    {
        if (refused != ErrorCode.None)
        {
            return new(index, AppendResult.Failed(refused), -1);
        }

        if (topics.Partition(topic, index) is not { } log)
        {
            return new(index, AppendResult.Failed(ErrorCode.UnknownTopicOrPartition), -1);
        }

        var batch = records ?? default;
        var result = BatchHeader.TryRead(batch.Span, out var header) == BatchResult.Batch && header.IsTransactional
            ? transactions.Append(transactionalId, header, new TopicPartition(topic, index), log, batch)
            : log.Append(batch);
        return new(index, result, log.StartOffset);
    }

    private static void Write(WireWriter w, short version, Appended appended)
    {
        w.Int32(appended.Partition);
        w.Error(appended.Result.Error);
        w.Int64(appended.Result.BaseOffset);
        if (version >= 2)
        {
            w.Int64(appended.Result.AppendTime);
        }

        if (version >= 5)
        {
            w.Int64(appended.StartOffset);
        }

        if (version >= 8)
        {
            w.Array<int>([], static (_, _) => { });
            w.String(appended.Result.Message);
        }

        w.Tags();
    }

    private readonly record struct Appended(int Partition, AppendResult Result, long StartOffset);
}
