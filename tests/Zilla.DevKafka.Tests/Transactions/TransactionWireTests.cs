using System.Net;
using Zilla.DevKafka.Apis;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Transactions;

/// <summary>The requests of transactional producers, and what they are answered with, byte by byte. Spaces separate the fields.</summary>
public sealed class TransactionWireTests : IDisposable
{
    private const string Tx = "0002 7478";                       // "tx"
    private const string TxCompact = "03 7478";
    private const string Producer = "0000000000000001 0000";     // id 1, epoch 0
    private const string TopicT = "0001 74";                     // "t"

    private readonly TransactionHarness _h = new();
    private readonly ApiTable _apis;

    public TransactionWireTests()
    {
        var groups = new GroupCoordinator(_h.Offsets, new GroupOptions(_h.Time));
        _apis = ApiCatalog.Create(_h.Topics, groups, _h.Coordinator, new BrokerIdentity("h", "c") { Port = 9 }, new BrokerOptions(_h.Time, false, 1, 1 << 20));
    }

    [Theory]
    [InlineData(ApiKey.FindCoordinator, 2, $"{Tx} 01", "00000000 0000 ffff 00000001 0001 68 00000009")]                     // node 1, "h", 9
    [InlineData(ApiKey.FindCoordinator, 4, $"01 02 {TxCompact} 00", $"00 00000000 02 {TxCompact} 00000001 02 68 00000009 0000 00 00 00")]
    [InlineData(ApiKey.FindCoordinator, 2, $"{Tx} 02", "00000000 002a 00")]                                                 // share groups: refused, with a message
    [InlineData(ApiKey.InitProducerId, 0, $"{Tx} 0000ea60", $"00000000 0000 {Producer}")]
    [InlineData(ApiKey.InitProducerId, 0, $"{Tx} 00dbba01", "00000000 0032 ffffffffffffffff ffff")]                         // 4 hours are too long
    [InlineData(ApiKey.InitProducerId, 0, "0000 0000ea60", "00000000 002a ffffffffffffffff ffff")]                          // an empty id
    [InlineData(ApiKey.InitProducerId, 4, $"{TxCompact} 0000ea60 ffffffffffffffff ffff 00", $"00 00000000 0000 {Producer} 00")]
    [InlineData(ApiKey.AddPartitionsToTxn, 0, $"{Tx} {Producer} 00000000", "00000000 00000000")]
    [InlineData(ApiKey.EndTxn, 0, $"{Tx} {Producer} 01", "00000000 0031")]                                                  // nobody knows it
    [InlineData(ApiKey.AddOffsetsToTxn, 0, $"{Tx} {Producer} 0001 67", "00000000 0031")]
    [InlineData(ApiKey.DescribeTransactions, 0, $"02 {TxCompact} 00", $"00 00000000 02 0069 {TxCompact} 01 00000000 ffffffffffffffff ffffffffffffffff ffff 01 00 00")]
    [InlineData(ApiKey.ListTransactions, 0, "01 01 00", "00 00000000 0000 01 01 00")]
    public async Task Ask_NewId_AnsweredAsSpecified(object key, short version, string request, string response) =>
        Assert.StartsWith(Plain(response), await AskAsync((ApiKey)key, version, request), StringComparison.Ordinal);

    [Theory]
    [InlineData(ApiKey.AddPartitionsToTxn, 0, $"{Tx} {Producer} 00000001 {TopicT} 00000002 00000000 00000001", $"00000000 00000001 {TopicT} 00000002 00000000 0000 00000001 0000")]
    [InlineData(ApiKey.AddPartitionsToTxn, 3, $"{TxCompact} {Producer} 02 02 74 02 00000000 00 00", "00 00000000 02 02 74 02 00000000 0000 00 00 00")]
    [InlineData(ApiKey.AddPartitionsToTxn, 0, $"{Tx} {Producer} 00000001 {TopicT} 00000002 00000000 00000009", $"00000000 00000001 {TopicT} 00000002 00000000 0037 00000009 0003")] // all or none
    [InlineData(ApiKey.AddOffsetsToTxn, 0, $"{Tx} {Producer} 0001 67", "00000000 0000")]
    [InlineData(ApiKey.AddOffsetsToTxn, 3, $"{TxCompact} {Producer} 02 67 00", "00 00000000 0000 00")]
    [InlineData(ApiKey.AddOffsetsToTxn, 0, $"{Tx} {Producer} 0000", "00000000 0018")]                                       // no group
    [InlineData(ApiKey.TxnOffsetCommit, 0, $"{Tx} 0001 67 {Producer} 00000001 {TopicT} 00000001 00000000 0000000000000005 ffff", $"00000000 00000001 {TopicT} 00000001 00000000 0030")] // group not added
    [InlineData(ApiKey.EndTxn, 0, $"{Tx} {Producer} 01", "00000000 0030")]                                                  // nothing to end
    [InlineData(ApiKey.EndTxn, 1, $"{Tx} 0000000000000001 0007 01", "00000000 002f")]                                       // another epoch, as it was called first
    [InlineData(ApiKey.EndTxn, 2, $"{Tx} 0000000000000001 0007 01", "00000000 005a")]                                       // and since
    [InlineData(ApiKey.ListTransactions, 0, "03 06 456d707479 04 466f6f 01 00", $"00 00000000 0000 02 04 466f6f 02 {TxCompact} 0000000000000001 06 456d707479 00 00")]               // states Empty and Foo
    public async Task Ask_KnownProducer_AnsweredAsSpecified(object key, short version, string request, string response)
    {
        _h.Init();
        Assert.Equal(Plain(response), await AskAsync((ApiKey)key, version, request));
    }

    [Theory]
    [InlineData(ApiKey.TxnOffsetCommit, 0, $"{Tx} 0001 67 {Producer} 00000001 {TopicT} 00000001 00000000 0000000000000005 ffff", $"00000000 00000001 {TopicT} 00000001 00000000 0000")]
    [InlineData(ApiKey.TxnOffsetCommit, 2, $"{Tx} 0001 67 {Producer} 00000001 {TopicT} 00000001 00000007 0000000000000005 00000000 0001 6d", $"00000000 00000001 {TopicT} 00000001 00000007 0003")] // no partition 7
    [InlineData(ApiKey.TxnOffsetCommit, 3, $"{TxCompact} 02 67 {Producer} ffffffff 01 00 02 02 74 02 00000000 0000000000000005 00000000 00 00 00 00", "00 00000000 02 02 74 02 00000000 0000 00 00 00")]
    [InlineData(ApiKey.TxnOffsetCommit, 3, $"{TxCompact} 02 67 {Producer} 00000001 02 6d 00 02 02 74 02 00000000 0000000000000005 00000000 00 00 00 00", "00 00000000 02 02 74 02 00000000 0019 00 00 00")] // member "m" of generation 1: unknown
    [InlineData(ApiKey.EndTxn, 0, $"{Tx} {Producer} 01", "00000000 0000")]
    [InlineData(ApiKey.EndTxn, 3, $"{TxCompact} {Producer} 00 00", "00 00000000 0000 00")]
    [InlineData(ApiKey.DescribeTransactions, 0, $"02 {TxCompact} 00", $"00 00000000 02 0000 {TxCompact} 08 4f6e676f696e67 0000ea60 0000019b76daa800 {Producer} 02 02 74 02 00000000 00 00 00")] // "Ongoing"
    [InlineData(ApiKey.OffsetFetch, 7, "02 67 02 02 74 02 00000000 00 01 00", "00 00000000 02 02 74 02 00000000 ffffffffffffffff ffffffff 01 0000 00 00 0000 00")]
    public async Task Ask_OpenTransaction_AnsweredAsSpecified(object key, short version, string request, string response)
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Transaction.AddGroup(producer, "g");
        Assert.Equal(Plain(response), await AskAsync((ApiKey)key, version, request));
    }

    [Fact]
    public async Task Ask_StableOffsetsWhileOneIsPending_UnstableUnlessNotAskedFor()
    {
        _h.CommitOffset(_h.Init(), 5);
        Assert.Equal(Plain("00 00000000 02 02 74 02 00000000 ffffffffffffffff ffffffff 01 0058 00 00 0000 00"), await AskAsync(ApiKey.OffsetFetch, 7, "02 67 02 02 74 02 00000000 00 01 00"));
        Assert.Equal(Plain("00 00000000 02 02 74 02 00000000 ffffffffffffffff ffffffff 01 0000 00 00 0000 00"), await AskAsync(ApiKey.OffsetFetch, 7, "02 67 02 02 74 02 00000000 00 00 00"));
    }

    [Theory]
    [InlineData("01", "00000001 0000000000000001 0000000000000000")] // producer 1, from offset 0 on
    [InlineData("00", "00000000")]
    public async Task Ask_FetchV4OfAnAborted_NamedToACommittedReader(string isolation, string aborted)
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Transaction.End(producer, commit: false);
        _h.Transaction.AddPartitions(producer, [new("t", 0)]);
        _h.Append(producer, 0, sequence: 1);

        // replica -1, no wait, min 0, max 1 MiB, isolation | t: partition 0 from offset 0, 1 byte (the first batch comes whole)
        var answer = await AskAsync(ApiKey.Fetch, 4, $"ffffffff 00000000 00000000 00100000 {isolation} 00000001 {TopicT} 00000001 00000000 0000000000000000 00000001");

        // high watermark 3, last stable offset 2: record, marker, and a record that is not decided
        Assert.StartsWith(Plain($"00000000 00000001 {TopicT} 00000001 00000000 0000 0000000000000003 0000000000000002 {aborted}"), answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ListOffsetsLatest_EndsBeforeTheOpenTransactionForACommittedReader()
    {
        _h.Write(_h.Init(), 0);
        Assert.EndsWith(Plain("ffffffffffffffff 0000000000000000"), await AskAsync(ApiKey.ListOffsets, 2, $"ffffffff 01 00000001 {TopicT} 00000001 00000000 ffffffffffffffff"), StringComparison.Ordinal);
        Assert.EndsWith(Plain("ffffffffffffffff 0000000000000001"), await AskAsync(ApiKey.ListOffsets, 2, $"ffffffff 00 00000001 {TopicT} 00000001 00000000 ffffffffffffffff"), StringComparison.Ordinal);
        Assert.EndsWith(Plain("ffffffffffffffff ffffffffffffffff"), await AskAsync(ApiKey.ListOffsets, 2, $"ffffffff 01 00000001 {TopicT} 00000001 00000000 0000000000000000"), StringComparison.Ordinal); // by time
    }

    [Theory]
    [InlineData(ApiKey.InitProducerId, 4, $"{TxCompact} 0000ea60 ffffffffffffffff ffff 00")]
    [InlineData(ApiKey.AddPartitionsToTxn, 0, $"{Tx} {Producer} 00000001 {TopicT} 00000002 00000000 00000001")]
    [InlineData(ApiKey.AddPartitionsToTxn, 3, $"{TxCompact} {Producer} 02 02 74 02 00000000 00 00")]
    [InlineData(ApiKey.AddOffsetsToTxn, 3, $"{TxCompact} {Producer} 02 67 00")]
    [InlineData(ApiKey.TxnOffsetCommit, 2, $"{Tx} 0001 67 {Producer} 00000001 {TopicT} 00000001 00000007 0000000000000005 00000000 0001 6d")]
    [InlineData(ApiKey.TxnOffsetCommit, 3, $"{TxCompact} 02 67 {Producer} ffffffff 01 00 02 02 74 02 00000000 0000000000000005 00000000 00 00 00 00")]
    [InlineData(ApiKey.EndTxn, 0, $"{Tx} {Producer} 01")]
    [InlineData(ApiKey.EndTxn, 3, $"{TxCompact} {Producer} 00 00")]
    [InlineData(ApiKey.DescribeTransactions, 0, $"02 {TxCompact} 00")]
    [InlineData(ApiKey.ListTransactions, 0, "03 06 456d707479 04 466f6f 01 00")]
    public async Task Ask_CutAnywhere_ProtocolErrorAndNothingHappens(object key, short version, string request)
    {
        var producer = _h.Init();
        _h.Write(producer, 2);
        _h.Transaction.AddGroup(producer, "g");
        var before = _h.Transaction.Data;
        for (var cut = 0; cut < Plain(request).Length / 2; cut++)
        {
            await Assert.ThrowsAsync<ProtocolException>(() => AskAsync((ApiKey)key, version, Plain(request)[..(cut * 2)]));
        }

        Assert.Same(before, _h.Transaction.Data);
    }

    public void Dispose() => _h.Dispose();

    private static string Plain(string hex) => hex.Replace(" ", "", StringComparison.Ordinal);

    /// <summary>Body in, body out, both in hexadecimal; the answer begins after the correlation id.</summary>
    private async Task<string> AskAsync(ApiKey key, short version, string body)
    {
        using var request = new WireWriter();
        request.Int16((short)key);
        request.Int16(version);
        request.Int32(5);
        request.Int16(-1);
        request.Flexible = _apis.Ranges.Single(r => r.Key == key).FlexibleFrom <= version;
        request.Tags();
        var bytes = Convert.FromHexString(Plain(body));
        bytes.CopyTo(request.Span(bytes.Length));
        using var response = new WireWriter();
        Assert.True(await _apis.HandleAsync(request.Written, IPAddress.Loopback, response, CancellationToken.None));
        return Convert.ToHexStringLower(response.Finish().Span[8..]);
    }
}
