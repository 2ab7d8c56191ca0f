using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Tests.Cache.Topics;

public sealed class TopicPolicyTests
{
    [Theory]
    [InlineData("compact", true, false)]
    [InlineData("delete", false, true)]
    [InlineData("compact, delete", true, true)]
    public void From_CleanupPolicy_IsRead(string policy, bool compact, bool delete)
    {
        var read = TopicPolicy.From(new Dictionary<string, string> { ["cleanup.policy"] = policy });

        Assert.Equal((compact, delete), (read.Compact, read.Delete));
    }

    [Fact]
    public void From_Limits_MinusOneIsUnlimitedAndTooLargeIsCapped()
    {
        var read = TopicPolicy.From(new Dictionary<string, string>
        {
            ["retention.ms"] = "-1",
            ["retention.bytes"] = "1024",
            ["delete.retention.ms"] = long.MaxValue.ToString(),
        });

        Assert.Null(read.Retention);
        Assert.Equal(1024, read.RetentionBytes);
        Assert.True(read.DeleteRetention > TimeSpan.FromDays(365));
        Assert.Equal(TimeSpan.FromDays(1), TopicPolicy.From(new Dictionary<string, string>()).DeleteRetention);
    }
}
