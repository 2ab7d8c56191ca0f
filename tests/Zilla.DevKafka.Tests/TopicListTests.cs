using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;

namespace Zilla.DevKafka.Tests;

public sealed class TopicListTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-topics-");
    private readonly TopicStore _topics;

    public TopicListTests() => _topics = new TopicStore(
        _folder.CreateSubdirectory("data").FullName, new LogOptions(false, LogOptions.DefaultProducerExpiry, TimeProvider.System, NullLogger<PartitionLog>.Instance), new Dictionary<string, string>());

    [Fact]
    public void Create_NamesWithSettings_AreTopicsWithThem_AndASecondTimeChangesNothing()
    {
        var file = Write("# comment", "", "items  partitions=3 cleanup.policy=compact # latest only", "plain");
        TopicList.Create(file, _topics, 2);
        TopicList.Create(file, _topics, 2);
        Assert.Equal(3, _topics.Find("items")!.Partitions.Count);
        Assert.Equal("compact", _topics.Find("items")!.Config["cleanup.policy"]);
        Assert.Equal(2, _topics.Find("plain")!.Partitions.Count);
    }

    [Theory]
    [InlineData("items compact", "2: 'compact' is not of the form setting=value")]
    [InlineData("items partitions=x", "2: 'x' is no number of partitions")]
    [InlineData("items cleanup.policy=maybe", "cleanup.policy")]
    [InlineData("it/ems", "'it/ems' is no topic name")]
    public void Create_LineWithoutSense_IsRefusedWithItsNumber(string line, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => TopicList.Create(Write("fine", line), _topics, 1)).Message, StringComparison.Ordinal);

    public void Dispose()
    {
        _topics.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Write(params string[] lines)
    {
        var path = Path.Combine(_folder.FullName, "topics.conf");
        File.WriteAllLines(path, lines);
        return path;
    }
}
