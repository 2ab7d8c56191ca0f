using System.Buffers;
using System.Globalization;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.GrpcKafka;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>
/// The records of an answer (reference §4.4): the key of the call's records, its correlation id; a message is a value, with the metadata on the first; the end is the null value, with the status, its words
/// and the trailers. <c>zilla:message-index</c>, from 0 on, is ours: where a call was begun anew, what came before comes again, and a reader can tell.
/// </summary>
internal sealed class ReplyRecords
{
    private readonly KafkaRecord _request;
    private readonly RecordHeader _correlation;

    /// <param name="request">A record of the call.</param>
    /// <param name="correlationId">The name of the header.</param>
    public ReplyRecords(in KafkaRecord request, byte[] correlationId)
    {
        _request = request;
        _correlation = request.TryGetHeader(correlationId, out var id) ? id : new(correlationId, default);
    }

    /// <summary>The correlation id.</summary>
    public string Id => Encoding.UTF8.GetString(_correlation.Value.Span);

    public PipeRecord Message(long index, IEnumerable<Metadatum> metadata, ReadOnlyMemory<byte> message) =>
        new(Encode([_correlation, new(CallRecords.MessageIndexHeader, Encoding.ASCII.GetBytes(index.ToString(CultureInfo.InvariantCulture))), .. metadata.Select(CallRecords.HeaderOf)], isEnd: false), new ReadOnlySequence<byte>(message));

    public PipeRecord End(Status status, IEnumerable<Metadatum> metadata)
    {
        List<RecordHeader> headers = [_correlation, new(CallRecords.StatusHeader, Encoding.ASCII.GetBytes(((byte)status.Code).ToString(CultureInfo.InvariantCulture)))];
        if (status.Message.Length > 0)
        {
            headers.Add(new(CallRecords.MessageHeader, Encoding.UTF8.GetBytes(status.Message)));
        }

        return new(Encode([.. headers, .. metadata.Select(CallRecords.HeaderOf)], isEnd: true), ReadOnlySequence<byte>.Empty);
    }

    private byte[] Encode(RecordHeader[] headers, bool isEnd)
    {
        var head = new KafkaRecordHead { Partition = -1, Offset = -1, Key = _request.Key.Span, HasKey = _request.HasKey, IsTombstone = isEnd };
        return KafkaRecordCodec.Encode(head, headers);
    }
}
