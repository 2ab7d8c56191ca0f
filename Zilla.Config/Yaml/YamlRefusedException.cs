namespace Zilla.Config.Yaml;

/// <summary>The text is not YAML, or YAML beyond the limits of <see cref="YamlDocument"/>; nothing of it can be used.</summary>
internal sealed class YamlRefusedException(YamlMark mark, string message) : Exception(message)
{
    public YamlMark Mark => mark;
}
