"""First and last names to make people up from."""

from __future__ import annotations

__all__ = ["FEMALE", "LAST", "MALE"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEMALE = _words(
    """
    Ada Adele Agnes Alba Alicia Amara Amina Anja Astrid Aylin Beatrice Bella Berta Brigitte Camille Carla Cecilia
    Celine Chiara Clara Dalia Delphine Edith Elena Elif Elisa Emma Esther Eva Fatima Flora Frida Gloria Hanna Heidi
    Helen Ida Ines Irene Iris Jana Joana Judith Julia Karin Katrin Lara Laura Lea Lena Lilian Lina Livia Lucia Luisa
    Magda Maja Mara Margot Maria Marlene Martha Mathilde Mila Mina Mira Miriam Monika Nadia Naomi Nina Nora Olga
    Paula Pia Rahel Rania Renata Rita Rosa Ruth Samira Sara Selma Silvia Sofia Stella Susanne Tamar Tanja Teresa
    Tina Ursula Vera Viola Yara Zoe
    """
)

MALE = _words(
    """
    Aaron Abel Adrian Ahmed Albert Alessio Alex Amadou Anton Arno Arthur Bastian Ben Bruno Carlo Cedric Christian
    Claude Curtis Damian Daniel Dario David Denis Dominik Edgar Elias Emil Emre Enzo Eric Ernst Fabio Felix Florian
    Frank Franz Gabriel Georg Gilbert Giorgio Hamid Hannes Hector Henrik Hugo Ibrahim Ivan Jakob Jan Joel Jonas
    Jorge Josef Julian Karl Kevin Lars Leo Leon Levin Liam Linus Louis Luca Lukas Manuel Marc Mario Martin Matteo
    Max Michael Milan Mohamed Nathan Nico Nils Noah Oliver Omar Oscar Otto Pascal Paul Pedro Peter Philipp Rafael
    Ralph Ramon Remo Rene Ricardo Robin Roman Samuel Sandro Simon Stefan Theo Thomas Tim Tobias Tom Urs Victor
    Vincent Walter Werner Yann Yusuf
    """
)

LAST = _words(
    """
    Abbas Abel Achermann Adler Aebi Albrecht Almeida Ammann Andersen Arnold Bachmann Baker Baldwin Barros
    Baumgartner Beck Benitez Berger Bianco Bischof Blanc Bodmer Bonner Bosch Brunner Bucher Bundi Burri Caduff
    Campbell Caruso Castro Cavelti Chapman Chavez Clemens Conti Cortez Costa Cruz Dalton Danielsen Dawson Diaz
    Dietrich Dorsey Dubois Duarte Eberle Egger Eichmann Elmer Erickson Esposito Fankhauser Favre Felber Fernandez
    Fielding Flores Flynn Frei Frick Fuchs Furrer Gallo Garner Gasser Geiger Gerber Giger Gonzalez Graf Greco Greene
    Gruber Gut Hafner Haller Hansen Harper Hartmann Hasler Hassan Heller Hess Hirt Hoang Hofer Holland Hostettler
    Hunziker Hurst Iten Jackson Jaeger Jansen Jenny Jordan Kaiser Kamara Kaufmann Kern Kessler Khan Kim Knight Koch
    Kovac Krause Kruger Kunz Lang Larsen Lehmann Leone Leu Lim Lombardi Lopez Lozano Lutz Mader Magnin Mancini Marek
    Marino Marti Martinez Mason Mathis Maurer Medina Mendes Merz Messina Michel Miranda Moreau Morgan Moser Muller
    Nadal Nanda Navarro Nelson Neri Niggli Norton Obrist Ochs Oduya Olsen Ortega Oswald Otero Ozturk Pacheco Palmer
    Parker Pereira Perrin Petrov Pfister Pinto Porter Portmann Ramos Rapp Reid Reyes Ribeiro Ricci Ritter Rivera
    Roberts Romano Roos Rossetti Roth Ruiz Russo Rutz Salas Sanchez Santos Sauter Schaller Schenk Scherrer Schneider
    Schwarz Seiler Serrano Shah Shaw Silva Simmen Sommer Soto Spencer Stadler Stauffer Steiner Stocker Studer Suter
    Sutton Tanner Thoma Tobler Torres Trachsel Tran Tucker Turner Uebelhart Valdez Vega Vogel Vogt Volkov Wagner
    Walker Weiss Welti Wenger Werner Widmer Wirth Wolf Wong Wyss Yilmaz Young Zamora Zaugg Zbinden Zeller Ziegler
    Zimmermann Zuber
    """
)
