using System.Text;
using Zilla.EdgeMqtt.Delivery;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>The tree that finds the filters of a topic name, as filters come and go.</summary>
public sealed class TopicFilterTreeTests
{
    private readonly TopicFilterTree<string> _tree = new();

    [Fact]
    public void Remove_OneOfTwoOfAFilter_TheOtherStays()
    {
        var first = _tree.Add("a/+"u8, "first");
        _tree.Add("a/+"u8, "second");

        _tree.Remove(first);

        Assert.Equal(["second"], Match("a/b"));
    }

    [Fact]
    public void Holds_MoreLevelsThanAFetchCanFilter_False()
    {
        Assert.True(TopicFilterTree<string>.Holds(Encoding.UTF8.GetBytes(new string('/', 255))));
        Assert.False(TopicFilterTree<string>.Holds(Encoding.UTF8.GetBytes(new string('/', 256))));
    }

    [Fact]
    public void Match_TopicOfTheMostLevels_GoesNoDeeperThanFilters()
    {
        Add("#");
        Add(new string('/', 255).Replace("/", "+/", StringComparison.Ordinal) + "#");

        Assert.Equal(2, Match(new string('/', 65_535)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Match_RandomFiltersComeAndGo_AsEachByItself(int seed)
    {
        var random = new Random(seed);
        var there = new List<(string Filter, TopicFilterTree<string>.Place Place)>();
        for (var step = 0; step < 3_000; step++)
        {
            if (random.Next(3) > 0 || there.Count == 0)
            {
                var filter = RandomFilter(random);
                there.Add((filter, Add(filter)));
            }
            else
            {
                var gone = random.Next(there.Count);
                _tree.Remove(there[gone].Place);
                there.RemoveAt(gone);
            }

            var topic = string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(i => RandomLevel(random, i)));
            Assert.Equal(there.Select(t => t.Filter).Where(f => NaiveMatcher.Matches(f, topic)).Order(StringComparer.Ordinal), Match(topic).Order(StringComparer.Ordinal));
            Assert.Equal(there.Count, _tree.Count);
        }

        there.ForEach(t => _tree.Remove(t.Place));
        Assert.Equal(0, _tree.Count);
        Assert.Empty(Match("a/b"));
    }

    private static string RandomFilter(Random random)
    {
        var levels = Enumerable.Range(0, random.Next(1, 6)).Select(i => random.Next(4) == 0 ? "+" : RandomLevel(random, i));
        return string.Join('/', random.Next(4) == 0 ? levels.Append("#") : levels);
    }

    private static string RandomLevel(Random random, int at) => random.Next(6) switch
    {
        0 => "",
        1 when at == 0 => "$s",
        var n => "abc"[n % 3].ToString(),
    };

    private TopicFilterTree<string>.Place Add(string filter) => _tree.Add(Encoding.UTF8.GetBytes(filter), filter);

    private List<string> Match(string topic)
    {
        var found = new List<string>();
        _tree.Match(Encoding.UTF8.GetBytes(topic), found);
        return found;
    }
}
