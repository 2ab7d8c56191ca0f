using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Groups;

public sealed class OffsetStoreTests : IDisposable
{
    private static readonly TopicPartition First = new("t", 0);
    private static readonly TopicPartition Second = new("t", 1);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Find_AfterRestart_LastCommitted()
    {
        using (var store = Open())
        {
            Commit(store, "g", First, new CommittedOffset(5, 0, "", 1));
            Commit(store, "g", First, new CommittedOffset(7, 0, "note", 2));
            Commit(store, "other", First, new CommittedOffset(1, -1, "", 3));
        }

        using var again = Open();
        Assert.Equal(new CommittedOffset(7, 0, "note", 2), again.Find("g", First));
        Assert.Equal(new CommittedOffset(1, -1, "", 3), again.Find("other", First));
    }

    [Fact]
    public void Forget_Group_GoneAfterRestartToo()
    {
        using (var store = Open())
        {
            Commit(store, "g", First, new CommittedOffset(5, 0, "", 1));
            Commit(store, "g", Second, new CommittedOffset(6, 0, "", 1));
            store.Forget("g");
            Assert.Empty(store.Groups);
        }

        using var again = Open();
        Assert.Empty(again.Groups);
    }

    public void Dispose() => _folder.Dispose();

    private static void Commit(OffsetStore store, string group, TopicPartition partition, CommittedOffset offset) =>
        Assert.Equal(DevKafka.Wire.ErrorCode.None, store.Commit(group, [KeyValuePair.Create(partition, (CommittedOffset?)offset)]));

    private OffsetStore Open() => new(_folder.Path, new LogOptions(false, LogOptions.DefaultProducerExpiry, new ManualTime(), NullLogger.Instance));
}
