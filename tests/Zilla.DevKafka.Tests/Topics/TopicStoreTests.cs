using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Topics;

public sealed class TopicStoreTests : IDisposable
{
    private static readonly Dictionary<string, string> None = [];

    private readonly TemporaryFolder _folder = new();
    private TopicStore _topics;

    public TopicStoreTests() => _topics = Open();

    [Fact]
    public void Create_ThenReopen_SameIdPartitionsConfigAndRecords()
    {
        var created = _topics.Create("t", 3, new Dictionary<string, string> { ["retention.ms"] = "5" }).Topic!;
        created.Partitions[2].Append(Batches.Foreign);
        Reopen();

        var topic = _topics.Find("t")!;
        Assert.Equal((created.Id, 3, "5"), (topic.Id, topic.Partitions.Count, topic.Config["retention.ms"]));
        Assert.Equal(2, topic.Partitions[2].NextOffset);
        Assert.Equal("t", _topics.Find(topic.Id)!.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../escape")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("ü")]
    public void Create_BadName_InvalidTopicAndNothingOnDisk(string name)
    {
        Assert.Equal(ErrorCode.InvalidTopic, _topics.Create(name, 1, None).Error);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "topics")));
    }

    [Fact]
    public void Create_NameLength_249AtMost()
    {
        Assert.Equal(ErrorCode.None, _topics.Create(new string('a', 249), 1, None).Error);
        Assert.Equal(ErrorCode.InvalidTopic, _topics.Create(new string('a', 250), 1, None).Error);
    }

    [Theory]
    [InlineData("no.such.key", "1")]
    [InlineData("retention.ms", "soon")]
    [InlineData("cleanup.policy", "shred")]
    [InlineData("min.cleanable.dirty.ratio", "2")]
    public void Create_BadConfig_InvalidConfig(string key, string value) =>
        Assert.Equal(ErrorCode.InvalidConfig, _topics.Create("t", 1, new Dictionary<string, string> { [key] = value }).Error);

    [Fact]
    public void Create_Twice_AlreadyExists()
    {
        _topics.Create("t", 1, None);
        Assert.Equal(ErrorCode.TopicAlreadyExists, _topics.Create("t", 1, None).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(TopicStore.MaximumPartitions + 1)]
    [InlineData(int.MaxValue)]
    public void Create_PartitionsOutOfBounds_Refused(int partitions) =>
        Assert.Equal(ErrorCode.InvalidPartitions, _topics.Create("t", partitions, None).Error);

    [Fact]
    public void Create_ValidateOnly_NothingIsMade()
    {
        Assert.Equal(ErrorCode.None, _topics.Create("t", 1, None, validateOnly: true).Error);
        Assert.Null(_topics.Find("t"));
    }

    [Fact]
    public void Delete_ThenCreateAgain_EmptyUnderANewId()
    {
        var old = _topics.Create("t", 1, None).Topic!;
        old.Partitions[0].Append(Batches.Foreign);

        Assert.Equal(ErrorCode.None, _topics.Delete("t"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _topics.Delete("t"));
        var again = _topics.Create("t", 1, None).Topic!;

        Assert.NotEqual(old.Id, again.Id);
        Assert.Equal(0, again.Partitions[0].NextOffset);
        Assert.Null(_topics.Find(old.Id));
    }

    [Fact]
    public void Grow_More_OldPartitionsStayFewer_Refused()
    {
        var before = _topics.Create("t", 2, None).Topic!;
        Assert.Equal(ErrorCode.InvalidPartitions, _topics.Grow("t", 2, false).Error);
        Assert.Equal(ErrorCode.None, _topics.Grow("t", 4, false).Error);
        Assert.Same(before.Partitions[0], _topics.Find("t")!.Partitions[0]);
        Reopen();
        Assert.Equal(4, _topics.Find("t")!.Partitions.Count);
    }

    [Fact]
    public void Configure_NewPolicy_InForceAtOnceAndAfterRestart()
    {
        var topic = _topics.Create("t", 1, None).Topic!;
        _topics.Configure("t", c => Set(c, "max.message.bytes", "10"), validateOnly: false);

        Assert.Equal(ErrorCode.MessageTooLarge, topic.Partitions[0].Append(Batches.Foreign).Error);
        Assert.Equal(ErrorCode.InvalidConfig, _topics.Configure("t", c => Set(c, "max.message.bytes", "x"), false).Error);
        Reopen();
        Assert.Equal("10", _topics.Find("t")!.Config["max.message.bytes"]);
    }

    public void Dispose()
    {
        _topics.Dispose();
        _folder.Dispose();
    }

    private static string? Set(Dictionary<string, string> config, string key, string value)
    {
        config[key] = value;
        return null;
    }

    private TopicStore Open() => new(_folder.Path, new LogOptions(false, LogOptions.DefaultProducerExpiry, new ManualTime(), NullLogger.Instance), None);

    private void Reopen()
    {
        _topics.Dispose();
        _topics = Open();
    }
}
