namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>§4.7 word for word, for one filter and one topic name.</summary>
internal static class NaiveMatcher
{
    public static bool Matches(string filter, string topic)
    {
        var (levels, names) = (filter.Split('/'), topic.Split('/'));
        if (topic.StartsWith('$') && (levels[0] is "+" or "#"))
        {
            return false;
        }

        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] == "#")
            {
                return names.Length >= i;
            }

            if (i >= names.Length || (levels[i] != "+" && levels[i] != names[i]))
            {
                return false;
            }
        }

        return levels.Length == names.Length;
    }
}
